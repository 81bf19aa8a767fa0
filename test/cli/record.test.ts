import { expect, test, vi } from 'vitest';
import { call, install, installed } from '../support/call.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

test.for([
  install('/memory.toml'),
  install('/memory.toml', '--dry-run'),
  ['rollback'],
  ['uninstall'],
  ['recover'],
  ['recover', '--boot'],
  ['confirm'],
  ['status'],
  ['verify'],
  ['history'],
])('%j does nothing where somebody else could have written the record', async (argv) => {
  const machine = await installed();
  const lent = { mode: 0o755, uid: 1000, gid: 1000 };
  await machine.host.setMetadata('/var/lib/vllmd', lent, { uid: 0 });
  const before = new Map(machine.entries);
  const answer = await call(machine, argv);
  expect(answer).toMatchObject({ code: 5, out: '' });
  expect(answer.err).toContain('error: /var/lib/vllmd belongs to uid 1000: ');
  expect(answer.err).toContain('sudo chown root:root /var/lib/vllmd');
  expect(new Map(machine.entries)).toEqual(before);
});
