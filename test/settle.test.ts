import { expect, test } from 'vitest';
import { type CommandResult, type Host, TIMED_OUT } from '../src/host/host.ts';
import { createMemoryHost } from '../src/host/memory-host.ts';
import { runUnit } from '../src/host/run-unit.ts';
import { settle } from '../src/host/settle.ts';
import { readUnit, readUnits } from '../src/host/systemctl.ts';

const unit = 'vllmd-runtime@1.service';

type State = { readonly [property: string]: string };

const running: State = {
  LoadState: 'loaded',
  ActiveState: 'active',
  SubState: 'running',
  MainPID: '7',
  Result: 'success',
  NRestarts: '0',
  InvocationID: 'aa',
};
const exited: State = { ...running, SubState: 'exited', MainPID: '0' };
const again: State = { ...running, ActiveState: 'activating', SubState: 'auto-restart' };
const dead: State = { ...running, ActiveState: 'inactive', SubState: 'dead', MainPID: '0' };

/** systemd does not answer. */
const silent: State = {};

/** A unit that is in one state after the other, one a look; the last one stays. */
function hostWith(states: readonly State[], exitCode = 0) {
  const commands: string[] = [];
  const asked: string[] = [];
  let looks = 0;
  const query = async (argv: readonly string[]): Promise<CommandResult> => {
    asked.push(argv.join(' '));
    if (argv[2]?.includes('TimeoutStartUSec') === true)
      return { exitCode: 0, stdout: '', stderr: '' };
    if (argv[0] === 'journalctl') return { exitCode: 0, stdout: 'why it failed\n', stderr: '' };
    const at = states[looks] ?? states.at(-1);
    looks += 1;
    if (at === silent) return { exitCode: 1, stdout: '', stderr: 'Connection timed out' };
    const state = { ...running, ...at };
    const units = argv.slice(argv.indexOf('--') + 1);
    const stdout = units
      .map((id) =>
        [`Id=${id}`, ...Object.entries(state).map(([key, value]) => `${key}=${value}`), ''].join(
          '\n',
        ),
      )
      .join('\n');
    return { exitCode: 0, stdout, stderr: '' };
  };
  const run = async (argv: readonly string[]): Promise<CommandResult> => {
    commands.push(argv.slice(1).join(' '));
    return { exitCode, stdout: '', stderr: '' };
  };
  const host: Host = { ...createMemoryHost(), query, run };
  return { host, commands, asked, looks: () => looks };
}

async function settled(states: readonly State[], settleMs: number, units = [unit]) {
  const machine = hostWith(states);
  let waited = 0;
  const wait = async (milliseconds: number) => {
    waited += milliseconds;
  };
  const failures = await settle(units, machine.host, { settleMs, wait });
  return { failures, waited, ...machine };
}

test('units that go on running settle after exactly that time', async () => {
  const { failures, waited, looks } = await settled([running], 1100);
  expect({ failures, waited, looks: looks() }).toEqual({ failures: [], waited: 1100, looks: 6 });
});

test('a time of 0 is one look', async () => {
  const { failures, waited, looks } = await settled([running], 0);
  expect({ failures, waited, looks: looks() }).toEqual({ failures: [], waited: 0, looks: 1 });
  expect((await settled([dead], 0)).failures).toHaveLength(1);
});

test.for<[string, readonly State[], number, readonly string[]]>([
  ['once', [running, silent, running], 500, []],
  ['at the first look', [silent, running], 500, []],
  ['at the last look', [running, running, silent, running], 500, []],
  ['for a time', [running, silent, silent, silent, silent, running], 0, []],
  [
    'and the unit has died meanwhile',
    [running, silent, dead],
    500,
    ['did not stay up: inactive (dead)'],
  ],
  [
    'and the unit was started again meanwhile',
    [running, silent, { ...running, InvocationID: 'bb' }],
    500,
    ['did not stay up: it was started again meanwhile'],
  ],
  ['any more', [running, silent], 500, ['is not known to systemd']],
])(
  'what counts when systemd does not answer %s is what it says then',
  async ([, states, settleMs, what]) => {
    const { failures } = await settled(states, settleMs);
    expect(failures.map(({ message }) => message)).toEqual(what.map((text) => `${unit} ${text}`));
  },
);

test('units are asked about again until systemd answers, with a pause in between', async () => {
  const pauses: number[] = [];
  const wait = async (milliseconds: number) => void pauses.push(milliseconds);
  const states = await readUnits(hostWith([silent, silent, running]).host, [unit], wait);
  expect(states.get(unit)?.activeState).toBe('active');
  expect((await readUnit(hostWith([silent, running]).host, unit, wait)).activeState).toBe('active');
  expect(pauses).toEqual([50, 250, 50]);
  const mute = hostWith([silent]);
  await expect(readUnits(mute.host, [unit], wait)).rejects.toThrow('Connection timed out');
  expect((await readUnit(mute.host, unit, wait)).activeState).toBe('unknown');
});

test('a unit that only prepares something has ended well', async () => {
  expect((await settled([exited], 500)).failures).toEqual([]);
});

test.for<[string, readonly State[], string]>([
  ['dies', [running, running, dead], 'did not stay up: inactive (dead)'],
  [
    'fails',
    [running, { ...dead, ActiveState: 'failed', SubState: 'failed', Result: 'exit-code' }],
    'did not stay up: failed (failed, exit-code)',
  ],
  ['is about to be started again', [again], 'did not stay up: activating (auto-restart)'],
  [
    'was started again by systemd',
    [running, { ...running, NRestarts: '1' }],
    'did not stay up: it was started again meanwhile',
  ],
  [
    'is another process by now',
    [running, { ...running, InvocationID: 'bb' }],
    'did not stay up: it was started again meanwhile',
  ],
  [
    'ended badly',
    [{ ...running, Result: 'oom-kill' }],
    'did not stay up: active (running, oom-kill)',
  ],
])('a unit that %s is told at once, with its journal', async ([, states, what]) => {
  const { failures, waited } = await settled(states, 60_000);
  expect(failures).toEqual([{ unit, message: `${unit} ${what}`, journal: 'why it failed' }]);
  expect(waited).toBeLessThan(1000);
});

test('nothing to settle asks nothing', async () => {
  expect((await settled([dead], 1000, [])).looks()).toBe(0);
});

test('the journal is that of the last start, also of what prepares the VM', async () => {
  const { asked } = await settled([dead], 0);
  const journal = asked.find((call) => call.startsWith('journalctl')) ?? '';
  expect(journal).toContain('--lines=30');
  expect(journal).toContain('_SYSTEMD_INVOCATION_ID=aa + INVOCATION_ID=aa');
  expect(asked.some((call) => call.includes('vllmd-runtime-pre-start@1.service'))).toBe(true);
});

test('a stop that ran into its time limit is told though the unit is dead', async () => {
  const killed = { ...dead, ActiveState: 'failed', SubState: 'failed', Result: 'timeout' };
  const { host } = hostWith([running, killed]);
  expect(await runUnit('stop', unit, host)).toMatchObject({
    message: `${unit} did not power off in time and was killed; \`sudo systemctl stop ${unit}\` first, then install again`,
  });
});

test('a start that took too long before is no stop that did', async () => {
  const failed = { ...dead, ActiveState: 'failed', SubState: 'failed', Result: 'timeout' };
  expect(await runUnit('stop', unit, hostWith([failed, failed]).host)).toBeUndefined();
});

test.for<[State]>([
  [{ ...running, ActiveState: 'deactivating', SubState: 'stop-sigterm' }],
  [again],
  [{ ActiveState: 'unknown', SubState: 'unknown' }],
])('a unit that is not down after a stop did not stop: %j', async ([state]) => {
  expect(await runUnit('stop', unit, hostWith([running, state]).host)).toMatchObject({
    message: expect.stringContaining('did not stop: '),
  });
});

test.for<[string, State, number]>([
  ['whose condition was not met', dead, 0],
  ['that systemd tries again and again', again, 0],
  ['that runs though systemctl failed', running, 1],
])('a unit %s is given up after its start', async ([, state, exitCode]) => {
  const { host, commands } = hostWith([dead, state], exitCode);
  expect(await runUnit('start', unit, host)).toMatchObject({ journal: 'why it failed' });
  expect(commands.slice(2)).toEqual([
    `start -- ${unit}`,
    `stop -- ${unit}`,
    `reset-failed -- ${unit}`,
  ]);
});

test.for<[string, State, State, number, boolean]>([
  ['that is still the same process goes on', running, running, 1, false],
  [
    'that has become another process is given up',
    running,
    { ...running, InvocationID: 'bb' },
    1,
    true,
  ],
  ['that ran before and is dead is given up', running, dead, 1, true],
  ['that did not run is given up', dead, again, 1, true],
  ['whose job may still come is given up', running, running, TIMED_OUT, true],
])('a unit %s when its restart fails', async ([, before, after, exitCode, isGivenUp]) => {
  const { host, commands } = hostWith([before, after], exitCode);
  expect(await runUnit('restart', unit, host)).toMatchObject({
    message: expect.stringContaining('did not restart: '),
  });
  expect(commands.includes(`stop -- ${unit}`)).toBe(isGivenUp);
});

test('how often a runtime was started before is no reason to refuse a start', async () => {
  const { host, commands } = hostWith([running], 0);
  await runUnit('restart', 'vllmd-runtime@1.service', host);
  expect(commands).toEqual([
    'reset-failed -- vllmd-runtime@1.service',
    'reset-failed -- vllmd-runtime-pre-start@1.service',
    'restart -- vllmd-runtime@1.service',
  ]);
});

test('a unit that could not be reloaded goes on running', async () => {
  const { host, commands } = hostWith([running], 1);
  expect(await runUnit('reload', unit, host)).toMatchObject({ unit });
  expect(commands).toEqual([`reload -- ${unit}`]);
});
