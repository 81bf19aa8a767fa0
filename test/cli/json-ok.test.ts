import { expect, test } from 'vitest';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import { call, edit, installed } from '../support/call.ts';

const own = '/example.toml';
const changed = ['--config', '/memory.toml'];

test.for([
  ['validate', own],
  ['validate', '/none.toml'],
  ['precheck', '--config', own],
  ['explain', 'gpu-assigned-once'],
  ['explain', '--rules'],
  ['explain', 'no-such-rule'],
  ['explain', 'global.user', '--config', own],
  ['explain', '/etc/vllmd/network.env', '--config', own],
  ['topology'],
  ['status'],
  ['history'],
  ['verify'],
  ['verify', ...changed],
  ['migrate', '--dry-run', own],
  ['init', '--yes', '--output', '-'],
])('%j --json says by `ok` whether its exit code is 0', async (argv) => {
  const machine = await installed();
  const { code, out } = await call(machine, [...argv, '--json']);
  expect(JSON.parse(out)).toMatchObject({ format_version: '1.0', ok: code === 0 });
});

test('a verify that finds something, and a host that is not ready, are not `ok`', async () => {
  const machine = await installed();
  await edit(machine, '/etc/vllmd/network.env', 'SUBNET=\n');
  const verify = await call(machine, ['verify', '--json']);
  expect([verify.code, JSON.parse(verify.out).ok]).toEqual([2, false]);
  const config = ['--config', '/precheck.toml'];
  const texts = new Map([['/precheck.toml', '[global]\nuser = "nobody-here"\n']]);
  const precheck = await call(machine, ['precheck', '--json', ...config], { texts });
  expect([precheck.code, JSON.parse(precheck.out).ok]).toEqual([6, false]);
});

test('a tree that was rendered is `ok`', async () => {
  const argv = ['render', '--config', own, '--out', '/tree', '--json'];
  const host = createMemoryHost();
  const { code, out } = await call(await installed(), argv, { world: { treeHost: () => host } });
  expect([code, JSON.parse(out).ok]).toEqual([0, true]);
});
