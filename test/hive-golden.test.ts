import { existsSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import { readConfigFile } from '../src/host/config-file.ts';
import { FIXTURES, fixtureHost, fixtureNames, walk } from './support/fixtures.ts';
import { describedHost, testWorld } from './support/world.ts';

const NAMED = ['--host-id', 'atlas', '--address', '10.0.0.11'];

/** Of a case of a host its config, of one of llama.cpp instances its only file. */
async function exported(name: string, ...argv: readonly string[]) {
  const isHost = existsSync(`${FIXTURES}${name}/vllmd.toml`);
  const file = isHost ? 'vllmd.toml' : 'llama.toml';
  const host = isHost ? await fixtureHost(name) : describedHost();
  const world = testWorld(host, { cwd: FIXTURES + name });
  const code = await run(['hive', 'export', '--config', file, ...argv], world);
  return { code, out: world.out(), err: world.err() };
}

async function validated(text: string) {
  const world = testWorld(describedHost(), {
    readConfigFile: (path) =>
      path === '/dev/stdin' ? { kind: 'bytes', bytes: Buffer.from(text) } : readConfigFile(path),
  });
  const code = await run(['hive', 'validate', '-'], world);
  return { code, said: world.out() + world.err() };
}

const hosts = fixtureNames().filter((name) => !/^bad-/.test(name));
// A file that lenient mode alone takes is none for others.
const instances = readdirSync(FIXTURES).filter((name) =>
  /^llama-(?!bad-|install-|lenient)/.test(name),
);

test.for([...hosts, ...instances])('what %s exports, the registry takes', async (name) => {
  const { code, out, err } = await exported(name, ...NAMED);
  expect(code, err).toBe(0);
  const { code: verdict, said } = await validated(out);
  expect(said).toMatch(/^\/dev\/stdin: valid, (?:host|\d+ documents)\n$/);
  expect(verdict).toBe(0);
  expect(out + err).not.toMatch(/secret-\d|sk-/);
});

const goldens = ['guest-llama', 'two-gpus-one-runtime', 'llama-contract-example', 'llama-hosts'];

test.for(goldens)('%s is exported exactly as expected', async (name) => {
  const root = `${FIXTURES}${name}/documents`;
  const { out, err } = await exported(name, ...NAMED);
  const inventory = await exported(name, '--inventory');
  const produced = { 'host.yaml': out, 'stderr.txt': err, 'inventory.json': inventory.out };
  for (const [path, text] of Object.entries(produced)) {
    await expect(text).toMatchFileSnapshot(`${root}/${path}`);
  }
  expect(walk(root)).toEqual(Object.keys(produced).sort());
});

test('JSON has the same documents in one object', async () => {
  const { out } = await exported('guest-llama', ...NAMED, '--json');
  const { format_version, ok, host, services, assets } = JSON.parse(out);
  expect({ format_version, ok }).toEqual({ format_version: '1.0', ok: true });
  expect(host).toMatchObject({ host_id: 'atlas', address: '10.0.0.11' });
  expect(services.map(({ service_id }: { service_id: string }) => service_id)).toEqual([
    'atlas/chat/chat and code.chat',
    'atlas/chat/chat and code.code-2.5',
  ]);
  expect(assets).toHaveLength(2);
});
