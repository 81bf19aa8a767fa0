import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { ConfigFile } from '../../src/host/config-file.ts';
import { answering, service, testHive } from '../support/hive-server.ts';
import { describedHost, testWorld } from '../support/world.ts';

const report = readFileSync('fixtures/hive-documents/benchmark-report.yaml', 'utf8');
const key = 's3cret-key';

type Texts = Readonly<Record<string, { readonly text: string; readonly permissions?: number }>>;

const files: Texts = {
  '/report.yaml': { text: report },
  '/timeless.yaml': { text: 'samples:\n  - service_id: s\n    workload: w\n' },
  '/bad.yaml': { text: 'samples:\n  - service_id: 1.5.1\n' },
  '/key': { text: `${key}\n`, permissions: 0o600 },
  '/open-key': { text: key, permissions: 0o644 },
  '/no-key': { text: 'two words', permissions: 0o600 },
};

async function hive(
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
  more: Texts = {},
) {
  const world = testWorld(describedHost(), {
    env,
    readConfigFile: (path): ConfigFile => {
      const file = { ...files, ...more }[path];
      if (file === undefined) return { kind: 'absent' };
      const { text, permissions = 0o644 } = file;
      return { kind: 'bytes', bytes: Buffer.from(text), permissions };
    },
  });
  const code = await run(['hive', ...argv], world);
  return { code, out: world.out(), err: world.err() };
}

const roles = [{ role_id: 'mentor', operation: 'chat', modality: 'text', description: 'teach' }];
const protectedBy = { auth: { client_api_keys: [key], node_api_keys: ['other'] } };

async function withService(id = 'h1/chat/m') {
  const registry = await testHive({ roles });
  await registry.register([service(id, 'http://127.0.0.1:9')]);
  return registry;
}

test('what fits best is a table, the best one first', async () => {
  const { url } = await withService();
  const { code, out } = await hive(['match', '--task', 'teach', '--url', url]);
  expect(code).toBe(0);
  const [head, first, second] = out.split('\n');
  expect(head).toMatch(/^RANK +SCORE +TYPE +ID +KIND +SERVICE +REASONS$/);
  expect(first).toMatch(/^1 +0\.\d{4} +role +mentor +chat +h1\/chat\/m +task text overlaps role /);
  expect(second).toMatch(/^2 +0\.\d{4} +service +h1\/chat\/m +chat +h1\/chat\/m +/);
});

test('programs get the whole answer, and what is asked for reaches the registry', async () => {
  const { url } = await withService();
  const asked = ['--task', 'teach', '--task', 'b', '--workload', 'w', '--kind', 'chat'];
  const more = ['--modality', 'text', '--limit', '1', '--no-direct', '--json'];
  const { code, out } = await hive(['match', ...asked, ...more], { VLLMD_HIVE_URL: `${url}/` });
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    ...{ format_version: '1.0', ok: true, status: 'ok', tasks: ['teach', 'b'], workloads: ['w'] },
    ...{ kind: 'chat', modality: 'text' },
    candidates: [{ candidate_id: 'mentor', signals: { loaded: true } }],
  });
});

test('where nothing fits it is said, with exit code 1', async () => {
  const { url } = await testHive();
  const plain = await hive(['match', '--task', 'a', '--url', url]);
  expect(plain).toMatchObject({ code: 1, out: '' });
  expect(plain.err).toContain('error: no role and no service fits');
  const json = await hive(['match', '--task', 'a', '--url', url, '--json']);
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({ ok: false, candidates: [] });
});

test('a key comes from a file or from the environment, and is never shown', async () => {
  const { url } = await testHive({ control: protectedBy, roles });
  const match = ['match', '--task', 'a', '--url', url];
  expect(await hive([...match, '--key-file', '/key'])).toMatchObject({ code: 0, err: '' });
  expect(await hive(match, { VLLMD_HIVE_KEY: key })).toMatchObject({ code: 0, err: '' });
  const open = await hive([...match, '--key-file', '/open-key']);
  expect(open.code).toBe(0);
  expect(open.err).toContain('warning: others can read the key in /open-key');
  const wrong = await hive(match, { VLLMD_HIVE_KEY: 'wrong-key' });
  expect(wrong.code).toBe(4);
  expect(wrong.err).toContain('does not take this key');
  expect(wrong.err).not.toContain('wrong-key');
  const none = await hive(match);
  expect(none.code).toBe(4);
  expect(none.err).toContain('asks for a key');
  expect(none.err).toContain('--key-file FILE');
});

test('what cannot be a key is not sent, nor shown', async () => {
  const match = ['match', '--task', 'a', '--key-file'];
  const bad = await hive([...match, '/no-key']);
  expect(bad.code).toBe(3);
  expect(bad.err).not.toContain('two words');
  expect(await hive([...match, '/absent'])).toMatchObject({ code: 66 });
});

test.each(['registry', 'ftp://registry', 'http://name:pass@registry', 'http://registry/?a'])(
  'the address %s is refused without being shown',
  async (url) => {
    const { code, err } = await hive(['match', '--task', 'a', '--url', url]);
    expect(code).toBe(64);
    expect(err).toContain('error: the address in --url');
    expect(err).not.toContain(url);
  },
);

test('a registry that cannot be reached is told with what would help', async () => {
  const { url, drain } = await testHive();
  await drain();
  const { code, err } = await hive(['match', '--task', 'a', '--url', url]);
  expect(code).toBe(4);
  expect(err).toContain(`error: the registry at ${url} cannot be reached: connect ECONNREFUSED`);
  expect(err).toContain('$VLLMD_HIVE_URL');
});

test.each([
  ['hello', 200, 'is no registry: status 200'],
  ['{}', 200, 'the answer is none about routes'],
  ['{"candidates": [1]}', 200, 'the answer is none about routes'],
  ['{"detail": "full"}', 503, 'answers with status 503: full'],
  ['{}', 500, 'answers with status 500\n'],
])('%j with status %i is told as an error', async (body, status, message) => {
  const url = await answering((_request, response) => response.writeHead(status).end(body));
  const { code, err } = await hive(['match', '--task', 'a', '--url', url]);
  expect(code).toBe(4);
  expect(err).toContain(message);
});

test('a key does not go where the address is sent on to', async () => {
  const asked: unknown[] = [];
  const other = await answering((request, response) => {
    asked.push(request.headers);
    response.end('{}');
  });
  const url = await answering((_request, response) =>
    response.writeHead(307, { location: other }).end(),
  );
  const { code } = await hive(['match', '--task', 'a', '--url', url, '--key-file', '/key']);
  expect({ code, asked }).toEqual({ code: 4, asked: [] });
});

test('each problem of a request that is refused is one line', async () => {
  const problems = [
    { type: 'missing', loc: ['body', 'samples', 0, 'workload'], msg: 'Field required', input: key },
    { type: 'value_error', loc: [], msg: 'Input\nis odd', input: null },
  ];
  const url = await answering((_request, response) =>
    response.writeHead(422).end(JSON.stringify({ detail: problems })),
  );
  const { code, err } = await hive(['bench', 'ingest', '/report.yaml', '--url', url]);
  expect(code).toBe(3);
  expect(err).toMatch(/refuses what it was sent\n {2}body\.samples\.0\.workload: Field required\n/);
  expect(err).not.toContain(key);
});

test('a report is converted without a registry, and what came of it can be given again', async () => {
  const { code, out } = await hive(['bench', 'convert', '/report.yaml']);
  expect(code).toBe(0);
  const { samples } = JSON.parse(out);
  expect(samples).toMatchObject([
    { benchmark_id: 'bench_43443b18c252dbcc', results: { source: 'local-smoke', ttft_ms: 900 } },
  ]);
  const again = await hive(['bench', 'convert', '-'], {}, { '/dev/stdin': { text: out } });
  expect(again).toEqual({ code: 0, out, err: '' });
});

test('a report is stored, and stored twice it is there once', async () => {
  const registry = await testHive();
  const ingest = ['bench', 'ingest', '/report.yaml', '--url', registry.url];
  expect(await hive(ingest)).toEqual({ code: 0, out: '1 sample stored\n', err: '' });
  expect(JSON.parse((await hive([...ingest, '--json'])).out)).toEqual({
    ...{ format_version: '1.0', ok: true, count: 1 },
    benchmark_ids: ['bench_43443b18c252dbcc'],
  });
  const stored = await registry.get('/v1/cluster/benchmarks');
  expect(await stored.json()).toMatchObject({ data: [{ workload: 'chat.short_reasoning' }] });
});

test('what is wrong with a report has its place, and nothing is sent', async () => {
  const bad = await hive(['bench', 'ingest', '/bad.yaml', '--url', 'http://127.0.0.1:9']);
  expect(bad).toMatchObject({ code: 3, out: '' });
  expect(bad.err).toContain('samples[0].workload: is required');
  expect(bad.err).toContain('--> /bad.yaml:2:');
  const timeless = await hive(['bench', 'convert', '/timeless.yaml', '--json']);
  expect(timeless.code).toBe(3);
  expect(JSON.parse(timeless.out)).toMatchObject({
    ok: false,
    diagnostics: [{ line: 2, message: expect.stringContaining('missing observed_at') }],
  });
  expect(await hive(['bench', 'convert', '/absent'])).toMatchObject({ code: 66 });
});

test('other actions and other limits are refused', async () => {
  expect(await hive(['bench', 'delete', '/report.yaml'])).toMatchObject({ code: 64 });
  expect(await hive(['match', '--task', 'a', '--limit', '0'])).toMatchObject({ code: 64 });
});
