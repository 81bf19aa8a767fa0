import { expect, test, vi } from 'vitest';
import { progressOn } from '../../src/cli/progress.ts';
import { showRemainder } from '../../src/cli/report-outcome.ts';
import { call, install, installed } from '../support/call.ts';
import { describedHost, testWorld } from '../support/world.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const forged = 'x\u001b[2J\u001b[1;32mNothing to do.\u001b[8m\nline 2';
const shown = 'x\\u{1b}[2J\\u{1b}[1;32mNothing to do.\\u{1b}[8m\\nline 2';
const env = '/home/sdake/.config/vllmd/runtime-1.env';
const wants = '/etc/systemd/system/vllmd.target.wants/vllmd-runtime@1.service';

test.for([
  install('/memory.toml'),
  install('/memory.toml', '--dry-run'),
  install('/memory.toml', '--overwrite-drift', wants),
  ['status'],
  ['verify'],
])('%j obeys nothing that stands in the target of a link', async (argv) => {
  const machine = await installed();
  await machine.host.link(env, forged);
  await machine.host.link(wants, forged);
  const { out, err } = await call(machine, argv);
  expect(out + err).not.toContain('\u001b');
  expect(out + err).toContain(shown);
});

test('what a runtime has said is shown line by line, and obeyed by no terminal', () => {
  const world = testWorld(describedHost());
  const failure = { message: 'it failed', unit: 'vllmd-runtime@1.service', journal: forged };
  progressOn(world).on({ kind: 'failed', failure });
  expect(world.err()).toContain(
    '  | x\\u{1b}[2J\\u{1b}[1;32mNothing to do.\\u{1b}[8m\n  | line 2\n',
  );
});

test('neither is what keeps a way back from its end', async () => {
  const world = testWorld((await installed()).host);
  const remaining = [{ what: `cannot put back ${forged}`, journal: forged }];
  showRemainder({ remaining, saved: new Map() }, world);
  expect(world.err()).not.toContain('\u001b');
  expect(world.err()).toContain('  | line 2\n');
});
