import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { rawExchange, testHive } from '../support/hive-server.ts';

const sha256 = (key: string) => `sha256:${createHash('sha256').update(key).digest('hex')}`;

const auth = {
  client_api_keys: ['client-1', sha256('client-2')],
  node_api_keys: ['node-all', { key: 'node-h1', key_id: 'nk_h1', host_ids: ['h1'] }],
};
const control = { server: { port: 0 }, auth };
const host = (host_id: string) => ({ host_id, address: '127.0.0.1' });
const node = (key: string) => ({ 'x-geniehive-node-key': key });

test.for([
  ['x-api-key', 'client-1', 200],
  ['authorization', 'Bearer client-1', 200],
  ['authorization', 'bearer client-2', 200],
  ['x-api-key', 'client-2', 200],
  ['x-api-key', sha256('client-2'), 401],
  ['x-api-key', 'client-3', 401],
  ['x-api-key', '', 401],
  ['authorization', 'Basic Y2xpZW50LTE6', 401],
  ['x-geniehive-node-key', 'node-all', 401],
] as const)('a client with %s %s gets %i', async ([header, key, status]) => {
  const hive = await testHive({ control });
  expect((await hive.get('/v1/models', { [header]: key })).status).toBe(status);
});

test('a key of a host is for the hosts that it names', async () => {
  const hive = await testHive({ control });
  const register = (key: string, id: string) =>
    hive.post('/v1/nodes/register', host(id), node(key));
  expect((await register('node-h1', 'h1')).status).toBe(200);
  const foreign = await register('node-h1', 'h2');
  expect(foreign.status).toBe(403);
  expect(await foreign.json()).toEqual({ detail: 'the key nk_h1 is not for the host "h2"' });
  expect((await register('node-all', 'h2')).status).toBe(200);
  expect((await hive.post('/v1/nodes/heartbeat', { host_id: 'h2' }, node('node-h1'))).status).toBe(
    403,
  );
});

test('a stranger is sent away before his body is read', async () => {
  const hive = await testHive({ control });
  const large = 'x'.repeat(20 * 1024 * 1024);
  const answer = await hive.post('/v1/chat/completions', large).catch(() => ({ status: 401 }));
  expect(answer.status).toBe(401);
});

test('with keys of their own, measurements are written by nobody else', async () => {
  const benchmarks = { ...auth, benchmark_api_keys: ['bench-1'] };
  const hive = await testHive({ control: { ...control, auth: benchmarks } });
  const send = (key: string) => hive.post('/v1/cluster/benchmarks', {}, { 'x-api-key': key });
  expect((await send('client-1')).status).toBe(401);
  expect((await send('bench-1')).status).toBe(200);
  const open = await testHive({ control });
  expect((await open.post('/v1/cluster/benchmarks', {}, { 'x-api-key': 'client-1' })).status).toBe(
    200,
  );
});

test('a page of another site cannot have a browser register a host', async () => {
  const hive = await testHive();
  const { port, hostname } = new URL(hive.url);
  const body = JSON.stringify(host('h1'));
  // As a browser sends it for a form or a script of that page; fetch would not let a test set these.
  const head = (path: string, more: string) =>
    `POST ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: close\r\n${more}` +
    `Content-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const foreign = await rawExchange(
    hive.url,
    head('/v1/nodes/register', 'Sec-Fetch-Site: cross-site\r\n'),
  );
  expect(foreign).toMatch(/^HTTP\/1\.1 403 /);
  const own = await rawExchange(
    hive.url,
    head('/v1/nodes/register', 'Sec-Fetch-Site: same-origin\r\n'),
  );
  expect(own).toMatch(/^HTTP\/1\.1 200 /);
});

test('without keys the registry listens to this machine only', async () => {
  const server = { host: '0.0.0.0', port: 0 };
  await expect(testHive({ control: { server } })).rejects.toMatchObject({
    exit: 'config',
    message: expect.stringContaining('client_api_keys and node_api_keys of auth are empty'),
  });
  const one = { client_api_keys: ['c'] };
  await expect(testHive({ control: { server, auth: one } })).rejects.toMatchObject({
    message: expect.stringContaining('node_api_keys of auth is empty'),
  });
});

test('what the registry tells and keeps has no key in it', async () => {
  const { readFileSync } = await import('node:fs');
  const hive = await testHive({ control });
  await hive.post('/v1/nodes/register', host('h1'), node('node-h1'));
  await hive.post('/v1/chat/completions', { model: 'x' }, { 'x-api-key': 'client-1' });
  const texts = await Promise.all(
    ['/v1/cluster/hosts', '/metrics', '/v1/models'].map(async (path) =>
      (await hive.get(path, { 'x-api-key': 'client-1' })).text(),
    ),
  );
  texts.push(
    readFileSync(`${hive.folder}/hive.sqlite-wal`, 'latin1'),
    readFileSync(`${hive.folder}/audit.log`, 'utf8'),
  );
  for (const text of texts) expect(text).not.toMatch(/client-1|node-h1/);
});
