import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { ConfigFile } from '../../src/host/config-file.ts';
import { describedHost, testWorld } from '../support/world.ts';

const server = 'model = "/m.gguf"\nhost = "0.0.0.0"';

function llama(name: string, port: number): string {
  return `[instance.${name}.server]\n${server}\nport = ${port}\n`;
}

const files: Readonly<Record<string, string>> = {
  '/vllmd.toml':
    'schema_version = 2\n[global]\nuser = "vllm"\n[[runtimes]]\nindex = 1\nname = "r"\n',
  '/hive.toml':
    'schema_version = 2\n[global]\nuser = "vllm"\n[hive]\nurl = "http://r:1"\nhost_id = "atlas"\naddress = "10.0.0.11"\nllama_config = "/srv/a.toml"\n',
  '/a.toml': llama('a', 1),
  '/b.toml': llama('b', 2),
  '/bad.toml': '[instance.a.server]\nport = 0\n',
};

async function exported(argv: readonly string[], hostname = 'gpu-1\n') {
  const host = describedHost({
    files: { '/proc/sys/kernel/hostname': hostname, '/srv/a.toml': llama('a', 1) },
  });
  const world = testWorld(host, {
    readConfigFile: (path): ConfigFile => {
      const text = files[path];
      return text === undefined ? { kind: 'absent' } : { kind: 'bytes', bytes: Buffer.from(text) };
    },
  });
  const code = await run(['hive', 'export', ...argv], world);
  return { code, out: world.out(), err: world.err() };
}

async function documents(argv: readonly string[]) {
  return JSON.parse((await exported([...argv, '--json'])).out);
}

test('several files are one host, which has the name of the machine', async () => {
  const { host, services } = await documents([
    '--config',
    '/vllmd.toml',
    '--llama',
    '/a.toml',
    '--llama',
    '/b.toml',
  ]);
  expect(host).toMatchObject({ host_id: 'gpu-1', address: 'gpu-1' });
  expect(services.map(({ endpoint }: { endpoint: string }) => endpoint)).toEqual([
    'http://gpu-1:1',
    'http://gpu-1:2',
  ]);
});

test('the config may be a llama.cpp file, and an id that is given is its address as well', async () => {
  const { host, services } = await documents(['--config', '/a.toml', '--host-id', 'atlas']);
  expect(host).toMatchObject({ host_id: 'atlas', address: 'atlas' });
  expect(services).toMatchObject([{ service_id: 'atlas/chat/a', endpoint: 'http://atlas:1' }]);
});

test('what the config says in [hive] counts, unless something else is given', async () => {
  expect(await documents(['--config', '/hive.toml'])).toMatchObject({
    host: { host_id: 'atlas', address: '10.0.0.11' },
    services: [{ service_id: 'atlas/chat/a', endpoint: 'http://10.0.0.11:1' }],
  });
  const given = ['--llama', '/b.toml', '--host-id', 'other', '--address', '10.0.0.12'];
  expect(await documents(['--config', '/hive.toml', ...given])).toMatchObject({
    host: { host_id: 'other', address: '10.0.0.12' },
    services: [{ service_id: 'other/chat/b', endpoint: 'http://10.0.0.12:2' }],
  });
});

test('an inventory has what is given, and no name of this machine', async () => {
  const given = ['--config', '/a.toml', '--inventory', '--address', 'fd00::1'];
  expect(JSON.parse((await exported(given)).out)).toMatchObject({
    host: { host_id: null, address: 'fd00::1' },
    services: [{ name: 'a', address: null }],
    assets: [{ asset_id: 'm' }],
  });
});

test.for([
  ['--host-id', ''],
  ['--address', '10.0.0.11:8080'],
  ['--address', '169.254.1.1'],
])('%j is refused, and nothing is printed', async (argv) => {
  const { code, out, err } = await exported(['--config', '/a.toml', ...argv]);
  expect({ code, out }, err).toEqual({ code: 64, out: '' });
});

test('a machine without a name has to be given one', async () => {
  const { code, err } = await exported(['--config', '/a.toml'], '\n');
  expect(code).toBe(64);
  expect(err).toContain('name it with --host-id and --address');
});

test('a file that is not valid, or not there, ends it', async () => {
  const bad = await exported(['--config', '/a.toml', '--llama', '/bad.toml']);
  expect({ code: bad.code, out: bad.out }).toEqual({ code: 3, out: '' });
  expect((await exported(['--config', '/none.toml'])).code).toBe(66);
  expect((await exported(['--llama', '/none.toml'])).code).toBe(66);
});
