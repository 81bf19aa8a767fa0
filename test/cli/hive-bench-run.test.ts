import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { ConfigFile } from '../../src/host/config-file.ts';
import { answering, service, type TestHive, testHive } from '../support/hive-server.ts';
import { hiveUpstream } from '../support/hive-upstream.ts';
import { describedHost, testWorld } from '../support/world.ts';

const key = 's3cret-key';
const roles = [{ role_id: 'mentor', operation: 'chat', modality: 'text' }];
const protectedBy = { auth: { client_api_keys: [key], benchmark_api_keys: ['other-key'] } };
const machine = describedHost({ files: { '/there.yaml': 'mine\n' } });

async function bench(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const world = testWorld(machine, {
    env,
    cwd: '/',
    readConfigFile: (path): ConfigFile => {
      const entry = machine.entries.get(path);
      if (entry?.type !== 'file') return { kind: 'absent' };
      return { kind: 'bytes', bytes: Buffer.from(entry.text), permissions: entry.mode };
    },
  });
  const code = await run(['hive', 'bench', ...argv], world);
  return { code, out: world.out(), err: world.err() };
}

async function upstream(mode = ''): Promise<string> {
  const { url, server } = await hiveUpstream();
  onTestFinished(() => void server.close());
  return url + mode;
}

async function withServices(endpoints: Readonly<Record<string, string>>, control = {}) {
  const registry = await testHive({ roles, control });
  const services = Object.entries(endpoints).map(([id, url]) => service(id, url));
  const headers = { 'x-geniehive-node-key': 'node' };
  await registry.post(
    '/v1/nodes/register',
    { host_id: 'h1', address: '127.0.0.1', services },
    headers,
  );
  return registry;
}

async function stored(registry: TestHive) {
  const answer = await registry.get('/v1/cluster/benchmarks');
  const { data }: { readonly data: unknown } = JSON.parse(await answer.text());
  return data;
}

const one = ['--workload', 'chat.short_reasoning'];

test('a role is measured, and the report is about the service that has answered', async () => {
  const { url } = await withServices({ 'h1/chat/m': await upstream() });
  const { code, out, err } = await bench(['run', 'mentor', '--url', url, '--json']);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const results = { case_count: 2, pass_rate: 1, response_rate: 1, completion_tokens: 3 };
  const sample = { service_id: 'h1/chat/m', asset_id: 'm', results };
  expect(JSON.parse(out)).toMatchObject({
    report_id: 'mentor-chat.short_reasoning+chat.concise_support',
    source: 'geniehive-benchmark-runner',
    samples: [
      { ...sample, workload: 'chat.short_reasoning' },
      { ...sample, workload: 'chat.concise_support' },
    ],
  });
});

test('a report that was written is valid, and can be stored', async () => {
  const registry = await withServices({ 'h1/chat/m': await upstream() });
  const asked = ['run', 'mentor', ...one, '--repeat', '3', '--url', registry.url];
  expect(await bench([...asked, '--output', 'report.yaml'])).toEqual({
    ...{ code: 0, out: '', err: 'report.yaml: written\n' },
  });
  expect(machine.entries.get('/report.yaml')).toMatchObject({ mode: 0o644 });
  const ingest = await bench(['ingest', '/report.yaml', '--url', registry.url]);
  expect(ingest).toEqual({ code: 0, out: '1 sample stored\n', err: '' });
  expect(await stored(registry)).toMatchObject([
    { service_id: 'h1/chat/m', workload: 'chat.short_reasoning', results: { case_count: 6 } },
  ]);
});

test('with --ingest the report is printed and stored at once', async () => {
  const registry = await withServices({ 'h1/chat/m': await upstream() });
  const { code, out, err } = await bench(['run', 'm', '--ingest', '--url', registry.url]);
  expect({ code, err }).toEqual({ code: 0, err: '2 samples stored\n' });
  expect(out).toMatch(/^report_id: m-chat\.short_reasoning\+/);
  expect(await stored(registry)).toHaveLength(2);
});

test('what several services have answered is a sample of each', async () => {
  const endpoints = { a: await upstream(), b: await upstream() };
  const routing = { allow_networks: ['127.0.0.0/8'], default_strategy: 'round_robin' };
  const { url } = await withServices(endpoints, { routing });
  const { out } = await bench(['run', 'mentor', ...one, '--url', url, '--json']);
  const { samples } = JSON.parse(out);
  expect(samples.map((sample: { service_id: string }) => sample.service_id).toSorted()).toEqual([
    'a',
    'b',
  ]);
  for (const sample of samples) expect(sample.results.case_count).toBe(1);
});

test('a request that fails counts as failed, and why is told', async () => {
  let count = 0;
  const url = await answering((request, response) => void sometimes(request, response, count++));
  const registry = await withServices({ s: url });
  const { code, out, err } = await bench(['run', 's', ...one, '--url', registry.url, '--json']);
  expect(code).toBe(0);
  expect(err).toBe(
    'warning: request 1 of 2 (chat.short_reasoning) has failed: status 429: {"error": "slow down"}\n',
  );
  expect(JSON.parse(out)).toMatchObject({
    samples: [{ service_id: 's', results: { case_count: 2, response_rate: 0.5 } }],
  });
});

function sometimes(_request: IncomingMessage, response: ServerResponse, count: number): void {
  if (count === 0) response.writeHead(429).end('{"error": "slow down"}');
  else response.end(JSON.stringify({ choices: [{ message: { content: 'hi' } }] }));
}

test('where every request fails there is no report', async () => {
  const { url } = await withServices({ s: await upstream('/err500') });
  const asked = ['run', 's', '--output', 'none.yaml', '--ingest', '--url', url];
  const { code, out, err } = await bench(asked);
  expect({ code, out }).toEqual({ code: 4, out: '' });
  expect(err.match(/has failed: status 500: backend exploded/g)).toHaveLength(4);
  expect(err).toContain('error: every request has failed');
  expect(machine.entries.has('/none.yaml')).toBe(false);
});

test('a model that nobody knows is told with those that are known', async () => {
  const { url } = await withServices({ 'h1/chat/m': await upstream() });
  const near = await bench(['run', 'mentr', '--url', url]);
  expect(near.code).toBe(1);
  expect(near.err).toContain('mentr: the registry knows no such role, model or service for chat');
  expect(near.err).toContain('did you mean mentor?');
  const far = await bench(['run', 'something-else', '--url', url]);
  expect(far.err).toContain('it knows h1/chat/m, m, mentor');
  const empty = await testHive();
  const none = await bench(['run', 'x', '--url', empty.url]);
  expect(none.err).toContain('it knows none at all');
});

test('a model that nothing can serve now is told, and nothing is asked of it', async () => {
  const { url } = await testHive({ roles });
  const { code, err } = await bench(['run', 'mentor', '--url', url]);
  expect(code).toBe(4);
  expect(err).toContain('mentor is known, and nothing can serve it now');
  expect(err).toContain('/v1/cluster/routes/resolve?model=mentor&kind=chat');
});

test('a key that may not write measurements still measures, and is never shown', async () => {
  const registry = await withServices({ s: await upstream() }, protectedBy);
  const asked = ['run', 's', ...one, '--url', registry.url];
  const { code, out, err } = await bench([...asked, '--ingest'], { VLLMD_HIVE_KEY: key });
  expect(code).toBe(4);
  expect(out).toContain('service_id: s');
  expect(err).toContain('does not take this key');
  expect(err).not.toContain(key);
  const none = await bench(asked);
  expect(none.code).toBe(4);
  expect(none.err).toContain('asks for a key');
});

test('a file that is there stays, unless --force keeps a copy of it', async () => {
  const { url } = await withServices({ s: await upstream() });
  const asked = ['run', 's', ...one, '--url', url, '--output', 'there.yaml'];
  const kept = await bench(asked);
  expect(kept.code).toBe(5);
  expect(machine.entries.get('/there.yaml')).toMatchObject({ text: 'mine\n' });
  const { code, err } = await bench([...asked, '--force', '--json']);
  expect({ code, err }).toEqual({
    ...{ code: 0, err: 'there.yaml: written; the former one is there.yaml.bak now\n' },
  });
  expect(machine.entries.get('/there.yaml.bak')).toMatchObject({ text: 'mine\n' });
  expect(machine.entries.get('/there.yaml')).toMatchObject({ text: expect.stringMatching(/^\{/) });
});

test.each([
  [['run', 's', '--repeat', '0'], '--repeat is no number from 1 to 9999'],
  [['run', 's', '--force'], '--force is about --output'],
  [['run', 's', '--workload', 'chat.none'], 'chat.none'],
  [['run'], 'the subject is missing'],
  [['convert', '/report.yaml', '--repeat', '2'], '--repeat is about `bench run`'],
  [['ingest', '/report.yaml', '--ingest'], '--ingest is about `bench run`'],
])('%j is refused before anything is asked', async (argv, message) => {
  const { code, err } = await bench([...argv, '--url', 'http://127.0.0.1:9']);
  expect(code).toBe(64);
  expect(err).toContain(message);
});

test.each(['{}', '{"resolution": {}}', '{"resolution": {"service": {}}}'])(
  '%s is no answer of a registry',
  async (body) => {
    const url = await answering((_request, response) => response.end(body));
    const { code, err } = await bench(['run', 's', '--url', url]);
    expect(code).toBe(4);
    expect(err).toContain('the answer is none about routes and services');
  },
);
