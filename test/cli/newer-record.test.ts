import { expect, test, vi } from 'vitest';
import { call, edit, install, installed } from '../support/call.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const manifest = '/var/lib/vllmd/install/manifest.json';

test.for([
  [['status']],
  [['verify']],
  [['history']],
  [['recover']],
  [['recover', '--boot']],
  [['uninstall']],
  [['rollback']],
  [install('/memory.toml')],
  [install('/memory.toml', '--dry-run')],
] as const)('a record that a newer vllmd wrote stays as it is: %j', async ([argv]) => {
  const machine = await installed();
  const entry = machine.entries.get(manifest);
  const text = entry?.type === 'file' ? entry.text : '';
  await edit(machine, manifest, text.replace('"schema":1', '"schema":99'));
  const before = new Map(machine.entries);
  const { code, err } = await call(machine, argv);
  expect(code).toBe(1);
  expect(err).toContain(manifest);
  expect(err).toContain('a newer vllmd wrote');
  expect(err).toContain('install that vllmd again');
  expect(err).not.toContain('vllmd recover');
  expect(new Map(machine.entries)).toEqual(before);
});
