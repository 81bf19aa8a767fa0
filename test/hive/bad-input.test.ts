import { expect, test } from 'vitest';
import {
  answering,
  rawExchange,
  service,
  type TestHive,
  testHive,
} from '../support/hive-server.ts';

const jsonPaths = [
  '/v1/nodes/register',
  '/v1/nodes/heartbeat',
  '/v1/nodes/deregister',
  '/v1/cluster/benchmarks',
  '/v1/cluster/assets',
  '/v1/cluster/health/samples',
  '/v1/cluster/services/availability',
  '/v1/cluster/routes/match',
  '/v1/chat/completions',
  '/v1/embeddings',
];

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

const bodies: readonly (readonly [string, string])[] = [
  ['nothing', ''],
  ['half of an object', '{"host_id": "h1", '],
  ['a text', '"hello"'],
  ['a number', '1'],
  ['null', 'null'],
  ['a list', '[]'],
  ['NUL bytes', '{"model": "a\u0000b", "host_id": "a\\u0000b", "service_id": "a\\u0000b"}'],
  ['objects within objects, 100,000 of them', nested(100_000)],
  ['lists within lists, 100,000 of them', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  [
    'values of the wrong types',
    '{"host_id": 1, "model": {}, "samples": 3, "service_id": [], "tasks": 5}',
  ],
  ['a wrapper key', '{"host": {"host_id": "h1", "address": "127.0.0.1"}}'],
  [
    'names of prototypes',
    '{"__proto__": {"host_id": "x"}, "constructor": {"prototype": 1}, "model": "__proto__"}',
  ],
  ['a number that is none', '{"host_id": "h", "limit": 1e999}'],
  ['half of a character', '{"model": "\\ud800", "host_id": "\\ud800", "service_id": "\\ud800"}'],
];

/** No answer says that the registry is at fault, or that it has worked. */
async function expectRefused(response: Response, hive: TestHive): Promise<void> {
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  const body = (await response.json()) as Readonly<Record<string, unknown>>;
  expect(body['detail'] ?? body['error']).toBeDefined();
  expect(hive.bugs).toEqual([]);
}

test.for(jsonPaths)('%s refuses what is no request, and says so in its own form', async (path) => {
  const hive = await testHive();
  for (const [what, body] of bodies) {
    const response = await hive.post(path, body);
    // Some have no key that they need, and unknown ones are no error.
    const needsNothing = /match$|benchmarks$/.test(path) && response.status === 200;
    if (!needsNothing)
      await expectRefused(response, hive).catch((error: unknown) => {
        throw new Error(`${path} with ${what}: ${String(error)}`, { cause: error });
      });
  }
});

test('OpenAI routes wrap what is wrong as clients of OpenAI read it', async () => {
  const hive = await testHive();
  const response = await hive.post('/v1/embeddings', '{"model": ');
  expect(await response.json()).toEqual({
    error: {
      ...{ type: 'geniehive_error', code: 'embeddings_proxy_error' },
      message: 'The request cannot be read: the body is not valid JSON.',
    },
  });
});

test('a body that is too large is refused before it has come in', async () => {
  const hive = await testHive();
  const large = `{"model": "m", "messages": "${'x'.repeat(11 * 1024 * 1024)}"}`;
  for (const path of ['/v1/chat/completions', '/v1/nodes/register']) {
    const response = await hive.post(path, large);
    expect(response.status).toBe(413);
    await expectRefused(response, hive);
  }
});

test('a body of 9 MB is still a request', async () => {
  const up = await answering((request, response) => {
    request
      .resume()
      .on('end', () => response.setHeader('content-type', 'application/json').end('{}'));
  });
  const hive = await testHive();
  await hive.register([service('a', up)]);
  const messages = [{ role: 'user', content: 'x'.repeat(9 * 1024 * 1024) }];
  expect((await hive.post('/v1/chat/completions', { model: 'm', messages })).status).toBe(200);
});

test('bytes that are no text are refused', async () => {
  const hive = await testHive();
  const response = await fetch(`${hive.url}/v1/chat/completions`, {
    method: 'POST',
    body: new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  });
  expect(response.status).toBe(400);
  await expectRefused(response, hive);
});

test('a client that does not send its request to the end is not waited for', async () => {
  const hive = await testHive({
    change: (options) => ({ ...options, limits: { ...options.limits, requestTimeoutMs: 1_000 } }),
  });
  const head =
    'POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"model"';
  expect(await rawExchange(hive.url, head)).toMatch(/^HTTP\/1\.1 408 /);
  expect(hive.bugs).toEqual([]);
});

test.for([
  ['a line that is no HTTP', 'HELLO\r\n\r\n'],
  ['a header without an end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`],
  ['NUL bytes in a path', 'GET /v1/\0models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
  ['a path with a broken escape', 'GET /v1/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
])('%s is refused', async ([, text = '']) => {
  const hive = await testHive();
  expect(await rawExchange(hive.url, text)).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(hive.bugs).toEqual([]);
});

test('a host that nobody knows is 404, and so is a service', async () => {
  const hive = await testHive();
  const beat = await hive.post('/v1/nodes/heartbeat', { host_id: 'ghost' });
  expect([beat.status, await beat.json()]).toEqual([
    404,
    { error: 'unknown_host', host_id: 'ghost' },
  ]);
  const wanted = { service_id: 'ghost', availability: 'draining' };
  const drain = await hive.post('/v1/cluster/services/availability', wanted);
  expect(drain.status).toBe(404);
});

test.for([
  ['somewhere else than its host', 'http://10.1.2.3:80', 422],
  ['another port of its host', 'http://192.0.2.7:9999', 200],
  ['in a network that is allowed', 'http://127.0.0.1:1', 200],
  ['a metadata service', 'http://169.254.169.254/latest', 422],
  ['the same one, written as one number', 'http://2852039166/', 422],
  ['with a password', 'http://user:pass@192.0.2.7/', 422],
  ['a file', 'file:///etc/passwd', 422],
  ['no URL at all', 'not a url', 422],
] as const)(
  'a service %s is taken or refused as its host may have it',
  async ([, endpoint, status]) => {
    const hive = await testHive();
    const services = [service('a', endpoint)];
    const response = await hive.post('/v1/nodes/register', {
      host_id: 'h1',
      address: '192.0.2.7',
      services,
    });
    expect(response.status).toBe(status);
    if (status !== 422) return;
    expect(await response.json()).toMatchObject({
      detail: [{ loc: ['body', 'services', 0, 'endpoint'] }],
    });
    expect(await (await hive.get('/v1/cluster/hosts')).json()).toEqual({
      object: 'list',
      data: [],
    });
  },
);

test('a name that leads to a metadata service is not called', async () => {
  const hive = await testHive({
    control: { server: { port: 0 }, routing: { allow_any_endpoint: true } },
  });
  // Resolved here to a link-local address, without any network.
  await hive.register([service('a', 'http://[::ffff:a9fe:a9fe]:80')]).then(
    () => expect.unreachable(),
    (error: unknown) => expect(String(error)).toContain('link-local'),
  );
});
