import { readFileSync, statSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { answering, awaited, service, testHive } from '../support/hive-server.ts';
import { hiveUpstream } from '../support/hive-upstream.ts';

const DEAD = 'http://127.0.0.1:9';
const question = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };

function completion(response: ServerResponse, content: string): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ choices: [{ message: { role: 'assistant', content } }] }));
}

const fast = { observed: { p50_latency_ms: 1 } };
const slow = { observed: { p50_latency_ms: 1000 } };

test('a request goes to the next service where the best one cannot be reached, and the answer names it', async () => {
  const up = await answering((_request, response) => completion(response, 'from b'));
  const hive = await testHive();
  await hive.register([service('a', DEAD, fast), service('b', up, slow)]);
  const response = await hive.post('/v1/chat/completions', question);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-geniehive-service')).toBe('b');
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'from b' } }] });
  expect(await (await hive.get('/metrics')).text()).toContain(
    'vllmd_hive_retries_total{kind="chat"} 1',
  );
});

test('a service that has just failed comes last, until one of its requests succeeds or it had time', async () => {
  let clock = 1_000_000;
  let isDown = true;
  const asked: string[] = [];
  const a = await answering((_request, response) => {
    asked.push('a');
    if (isDown) response.socket?.destroy();
    else completion(response, 'a');
  });
  const b = await answering((_request, response) => {
    asked.push('b');
    completion(response, 'b');
  });
  const hive = await testHive({ now: () => clock });
  await hive.register([service('a', a, fast), service('b', b, slow)]);
  await hive.post('/v1/chat/completions', question);
  await hive.post('/v1/chat/completions', question);
  expect(asked).toEqual(['a', 'b', 'b']);
  isDown = false;
  clock += 5_001;
  await hive.post('/v1/chat/completions', question);
  expect(asked.at(-1)).toBe('a');
});

test('an answer that breaks off before the client has had any of it is asked for elsewhere', async () => {
  const broken = await answering((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
    response.write('{"choices":', () => response.socket?.destroy());
  });
  const up = await answering((_request, response) => completion(response, 'whole'));
  const hive = await testHive();
  await hive.register([service('a', broken, fast), service('b', up, slow)]);
  const response = await hive.post('/v1/chat/completions', question);
  expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'whole' } }] });
});

/** One that closes a connection which it has kept open as soon as that is used again. */
function answeringOnceAConnection() {
  const used = new WeakSet<object>();
  return answering(({ socket }, response) => {
    if (used.has(socket)) socket.destroy();
    else completion(response, 'b');
    used.add(socket);
  });
}

test('a connection that was kept open and is closed under a retry is no answer of its service', async () => {
  const up = await answeringOnceAConnection();
  const hive = await testHive();
  await hive.register([service('b', up, slow)]);
  expect((await hive.post('/v1/chat/completions', question)).status).toBe(200);
  await hive.register([service('a', 'http://127.0.0.1:9', fast), service('b', up, slow)]);
  const response = await hive.post('/v1/chat/completions', question);
  expect(response.status).toBe(200);
  expect(response.headers.get('x-geniehive-service')).toBe('b');
});

test.each([
  ['cannot be reached', () => Promise.resolve('http://127.0.0.1:9')],
  ['hangs up as well', () => answering(({ socket }) => void socket.destroy())],
])(
  'one that was kept open and is closed under the first try neither, where the next one %s',
  async (_, other) => {
    const up = await answeringOnceAConnection();
    const hive = await testHive();
    await hive.register([service('b', up, fast)]);
    expect((await hive.post('/v1/chat/completions', question)).status).toBe(200);
    await hive.register([service('b', up, fast), service('a', await other(), slow)]);
    const response = await hive.post('/v1/chat/completions', question);
    expect(response.status).toBe(200);
    expect(response.headers.get('x-geniehive-service')).toBe('b');
  },
);

test.each([502, 503, 504])('a service that says %i for now is passed over', async (status) => {
  const starting = await answering((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":"loading"}');
  });
  const up = await answering((_request, response) => completion(response, 'b'));
  const hive = await testHive();
  await hive.register([service('a', starting, fast), service('b', up, slow)]);
  const response = await hive.post('/v1/chat/completions', question);
  expect(response.headers.get('x-geniehive-service')).toBe('b');
});

test('a refusal of a service is the answer, and no other service is asked', async () => {
  let asked = 0;
  const refusing = await answering((_request, response) => {
    asked += 1;
    response.writeHead(429, { 'retry-after': '7' }).end('slow down');
  });
  const hive = await testHive();
  await hive.register([service('a', refusing), service('b', refusing)]);
  const response = await hive.post('/v1/chat/completions', question);
  expect([response.status, response.headers.get('retry-after'), asked]).toEqual([429, '7', 1]);
  expect(await response.json()).toEqual({
    error: { message: 'slow down', type: 'geniehive_error', code: 'upstream_error' },
  });
});

test('a service that does not answer in time is a 504, without its address', async () => {
  const silent = await answering(() => undefined);
  const hive = await testHive({
    change: (options) => ({
      ...options,
      limits: { ...options.limits, readTimeoutMs: 200 },
    }),
  });
  await hive.register([service('a', silent)]);
  const response = await hive.post('/v1/chat/completions', question);
  expect(response.status).toBe(504);
  const text = await response.text();
  expect(JSON.parse(text).error.code).toBe('upstream_error');
  expect(text).not.toContain('127.0.0.1');
});

test('a request that has waited as long as it may is not sent to another service', async () => {
  let asked = 0;
  const silent = await answering(() => {
    asked += 1;
  });
  const hive = await testHive({
    change: (options) => ({ ...options, limits: { ...options.limits, readTimeoutMs: 200 } }),
  });
  await hive.register([service('a', silent), service('b', silent)]);
  expect((await hive.post('/v1/chat/completions', question)).status).toBe(504);
  expect(asked).toBe(1);
});

test('an audit log that cannot be written is told once, and requests go on', async () => {
  const up = await answering((_request, response) => completion(response, 'ok'));
  const hive = await testHive({ change: (options) => ({ ...options, auditLogPath: '/dev/full' }) });
  await hive.register([service('a', up)]);
  for (const _ of [1, 2])
    expect((await hive.post('/v1/chat/completions', question)).status).toBe(200);
  expect(hive.told).toEqual([
    expect.stringMatching(/^error: the audit log \/dev\/full cannot be written: ENOSPC/),
  ]);
});

test('a stream that breaks off ends with an error event, and not as if it were complete', async () => {
  const broken = await answering((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"choices":[{"delta":{"content":"one"}}]}\n\n', () =>
      setTimeout(() => response.socket?.destroy(), 50),
    );
  });
  const hive = await testHive();
  await hive.register([service('a', broken)]);
  const response = await hive.post('/v1/chat/completions', { ...question, stream: true });
  const text = await response.text();
  expect(text).toContain('"content":"one"');
  expect(text).not.toContain('[DONE]');
  expect(JSON.parse(text.trim().split('\n').at(-1)?.replace('data: ', '') ?? '')).toMatchObject({
    error: { code: 'upstream_error' },
  });
});

test('a stream comes event by event, as the service sends it', async () => {
  const arrived = awaited<undefined>();
  const up = await answering((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('data: {"n":1}\n\n');
    void arrived.value.then(() => response.end('data: [DONE]\n\n'));
  });
  const hive = await testHive();
  await hive.register([service('a', up)]);
  const response = await hive.post('/v1/chat/completions', { ...question, stream: true });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  // The service waits with the second until the first has arrived.
  expect((await reader?.read())?.value).toContain('{"n":1}');
  arrived.come(undefined);
  expect((await reader?.read())?.value).toContain('[DONE]');
});

test('a service is not kept busy for a client that has gone', async () => {
  const gone = awaited<undefined>();
  const asked = awaited<undefined>();
  const up = await answering((_request, response) => {
    response.on('close', () => gone.come(undefined));
    asked.come(undefined);
  });
  const hive = await testHive();
  await hive.register([service('a', up)]);
  const client = new AbortController();
  const response = fetch(`${hive.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify(question),
    signal: client.signal,
  });
  await asked.value;
  client.abort();
  await expect(response).rejects.toThrow();
  await gone.value;
  expect(hive.bugs).toEqual([]);
});

test('requests that are under way end before the registry does, and new ones are refused', async () => {
  const asked = awaited<ServerResponse>();
  const up = await answering((_request, response) => asked.come(response));
  const hive = await testHive();
  await hive.register([service('a', up)]);
  const response = hive.post('/v1/chat/completions', question);
  const pending = await asked.value;
  const drained = hive.drain();
  await expect(fetch(`${hive.url}/health`)).rejects.toThrow();
  completion(pending, 'late, and whole');
  expect(await (await response).json()).toMatchObject({
    choices: [{ message: { content: 'late, and whole' } }],
  });
  await drained;
});

test('a connection that nobody has used yet does not keep the registry from its end', async () => {
  const hive = await testHive();
  const { hostname, port } = new URL(hive.url);
  const socket = connect(Number(port), hostname);
  const ended = new Promise((done) => socket.once('close', done).resume());
  await new Promise((done) => socket.once('connect', done));
  await hive.drain();
  await ended;
});

test('more requests than there is room for are told when to come back', async () => {
  const asked = awaited<ServerResponse>();
  const up = await answering((_request, response) => asked.come(response));
  const hive = await testHive({
    change: (options) => ({ ...options, limits: { ...options.limits, inFlight: 1 } }),
  });
  await hive.register([service('a', up)]);
  const first = hive.post('/v1/chat/completions', question);
  const pending = await asked.value;
  const second = await hive.post('/v1/chat/completions', question);
  expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1']);
  completion(pending, 'done');
  expect((await first).status).toBe(200);
});

test('services take turns for a role where that is wanted, by requests and not by questions', async () => {
  const upstream = await hiveUpstream();
  const hive = await testHive({
    control: {
      server: { port: 0 },
      routing: { allow_networks: ['127.0.0.0/8'], default_strategy: 'round_robin' },
    },
    roles: [{ role_id: 'r', operation: 'chat', modality: 'text' }],
  });
  await hive.register([service('a', upstream.url), service('b', upstream.url)]);
  const served: (string | null)[] = [];
  for (const _ of [1, 2, 3, 4]) {
    await hive.get('/v1/cluster/routes/resolve?model=r');
    const response = await hive.post('/v1/chat/completions', { ...question, model: 'r' });
    served.push(response.headers.get('x-geniehive-service'));
  }
  expect(served).toEqual(['a', 'b', 'a', 'b']);
  upstream.server.close();
  upstream.server.closeAllConnections();
});

test('a request id of the client comes back, and one is made where it could not stand in a header', async () => {
  const hive = await testHive();
  const own = await hive.get('/health', { 'x-request-id': 'abc-1' });
  expect(own.headers.get('x-request-id')).toBe('abc-1');
  const long = await hive.get('/health', { 'x-request-id': 'x'.repeat(129) });
  expect(long.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test('the audit log has who asked for what and how it ended, and nothing of the contents', async () => {
  const up = await answering((_request, response) => completion(response, 'a secret answer'));
  const keys = { client_api_keys: ['client-key-1'], node_api_keys: [] };
  const hive = await testHive({
    control: { server: { port: 0 }, auth: keys, routing: { allow_networks: ['127.0.0.0/8'] } },
  });
  await hive.register([service('a', up)]);
  const headers = { authorization: 'Bearer client-key-1', 'x-request-id': 'r-1' };
  await hive.post('/v1/chat/completions', question, headers);
  const path = `${hive.folder}/audit.log`;
  const text = readFileSync(path, 'utf8');
  expect(JSON.parse(text)).toEqual({
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    request_id: 'r-1',
    key_id: expect.stringMatching(/^sha256:[0-9a-f]{8}$/),
    ...{ kind: 'chat', model: 'm', service_id: 'a', status: 200, tries: 1 },
    duration_ms: expect.any(Number),
  });
  expect(text).not.toMatch(/secret|hello|client-key/);
  expect((statSync(path).mode & 0o777).toString(8)).toBe('600');
});

test('a drained service gets no new requests, whatever its host says, until it is given back', async () => {
  const up = await answering((_request, response) => completion(response, 'ok'));
  const hive = await testHive();
  await hive.register([service('a', up)]);
  const set = (availability: string | null) =>
    hive.post('/v1/cluster/services/availability', { service_id: 'a', availability });
  expect((await set('draining')).status).toBe(200);
  await hive.register([service('a', up)]);
  expect((await hive.post('/v1/chat/completions', question)).status).toBe(503);
  await set(null);
  expect((await hive.post('/v1/chat/completions', question)).status).toBe(200);
});

test('a fresh sample of health counts more than what a host declares', async () => {
  let clock = 1_000_000_000;
  const up = await answering((_request, response) => completion(response, 'ok'));
  const hive = await testHive({ now: () => clock });
  await hive.register([service('a', up)]);
  const sample = {
    ...{ sample_id: 's1', target_type: 'service', target_id: 'a', status: 'unhealthy' },
    // A clock that runs ahead does not make it count for longer.
    observed_at: clock / 1000 + 3600,
  };
  await hive.post('/v1/cluster/health/samples', { samples: [sample] });
  expect((await hive.post('/v1/chat/completions', question)).status).toBe(503);
  clock += 31_000;
  await hive.post('/v1/nodes/heartbeat', { host_id: 'h1' });
  expect((await hive.post('/v1/chat/completions', question)).status).toBe(200);
  const listed = await (await hive.get('/v1/cluster/health/samples?target_id=a')).json();
  expect(listed).toMatchObject({ data: [{ sample_id: 's1', status: 'unhealthy' }] });
});
