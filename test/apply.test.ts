import { expect, test } from 'vitest';
import { run } from '../src/cli/run.ts';
import type { UnitState } from '../src/core/plan/observed.ts';
import type { CommandResult, Host } from '../src/host/host.ts';
import type { MemoryHost } from '../src/host/memory-host.ts';
import { FIXTURES } from './support/fixtures.ts';
import { simulatedHost } from './support/systemd.ts';
import { describedHost, testWorld } from './support/world.ts';

const example = `${FIXTURES}contract-example/vllmd.toml`;
const fewer = `${FIXTURES}runtime-dropped/vllmd.toml`;
const more = `${FIXTURES}memory-changed/vllmd.toml`;

/** The host, with units that do not do what they are told. */
function withBrokenUnit(
  host: MemoryHost,
  unit: string,
  state: Partial<UnitState> | undefined,
  failsAt: readonly string[] = ['start', 'restart'],
): Host {
  const broken = (argv: readonly string[]) => argv.includes(unit);
  const failed: CommandResult = { exitCode: 1, stdout: '', stderr: 'Job failed.' };
  let isBroken = failsAt.includes('stop');
  return {
    ...host,
    run: async (argv, timeoutMs) => {
      const [, verb = ''] = argv;
      if (!broken(argv)) return host.run(argv, timeoutMs);
      if (failsAt.includes(verb)) {
        isBroken = true;
        return failed;
      }
      // A stop ends what systemd was still trying.
      if (verb === 'stop') isBroken = false;
      return host.run(argv, timeoutMs);
    },
    query: async (argv) => {
      if (argv[0] === 'journalctl') {
        return { exitCode: 0, stdout: 'line one\nwhy it failed\n', stderr: '' };
      }
      const isShown = argv[1] === 'show' && argv.length === 5 && broken(argv) && isBroken;
      if (!isShown || state === undefined) return host.query(argv);
      const invocation = host.units.get(unit)?.invocation ?? '';
      const text = `Id=${unit}\nLoadState=loaded\nActiveState=${state.activeState}\nSubState=${state.subState}\nMainPID=0\nInvocationID=${invocation}\n`;
      return { exitCode: 0, stdout: text, stderr: '' };
    },
  };
}

const failedState = { activeState: 'failed', subState: 'failed' };

test('a runtime that does not start ends with exit code 4 and its journal, and the others run', async () => {
  const host = describedHost();
  const world = testWorld(withBrokenUnit(host, 'vllmd-runtime@1.service', failedState));
  expect(await run(['install', '--config', example], world)).toBe(4);
  expect(world.err()).toContain('error: vllmd-runtime@1.service did not start: failed (failed)');
  expect(world.err()).toContain('  | why it failed');
  expect(host.units.get('vllmd-runtime@2.service')).toMatchObject({ activeState: 'active' });
});

test('a runtime that did not start is started by the next install, and the others are left alone', async () => {
  const host = describedHost();
  const broken = withBrokenUnit(host, 'vllmd-runtime@1.service', failedState);
  await run(['install', '--config', example], testWorld(broken));
  const before = host.commands.length;
  expect(await run(['install', '--config', example], testWorld(host))).toBe(0);
  const calls = host.commands.slice(before).map((argv) => argv.join(' '));
  expect(calls.filter((call) => !call.includes('reset-failed'))).toEqual([
    'systemctl daemon-reload',
    'systemctl start -- vllmd-vfio@0000:01:00.0.service',
    'systemctl start -- vllmd-runtime@1.service',
  ]);
});

test('a runtime that does not start is stopped, so that systemd does not try it again and again', async () => {
  const host = describedHost();
  const broken = withBrokenUnit(host, 'vllmd-runtime@1.service', failedState);
  await run(['install', '--config', example], testWorld(broken));
  const calls = host.commands.map((argv) => argv.join(' '));
  expect(calls).toContain('systemctl stop -- vllmd-runtime@1.service');
  expect(calls).toContain('systemctl reset-failed -- vllmd-runtime@1.service');
});

test('a runtime that keeps failing is tried by every install until it starts', async () => {
  let isFailing = true;
  const { host, units } = simulatedHost({
    failsToStart: (vm) => isFailing && vm.includes('runtime-1/'),
  });
  for (const _ of [1, 2]) {
    expect(await run(['install', '--config', example], testWorld(host))).toBe(4);
    expect(units.get('vllmd-runtime@2.service')).toMatchObject({ active: 'active' });
  }
  isFailing = false;
  expect(await run(['install', '--config', example], testWorld(host))).toBe(0);
  expect(units.get('vllmd-runtime@1.service')).toMatchObject({ active: 'active' });
});

test('a unit that systemd is about to start again counts as failed', async () => {
  const state = { activeState: 'activating', subState: 'auto-restart' };
  const world = testWorld(withBrokenUnit(describedHost(), 'vllmd-runtime@2.service', state));
  expect(await run(['install', '--config', example], world)).toBe(4);
  expect(world.err()).toContain('activating (auto-restart)');
});

test('a runtime whose GPU does not bind is not started', async () => {
  const host = describedHost();
  const unit = 'vllmd-vfio@0000:01:00.0.service';
  const world = testWorld(withBrokenUnit(host, unit, failedState));
  expect(await run(['install', '--config', example], world)).toBe(4);
  expect(host.commands.flat()).not.toContain('vllmd-runtime@1.service');
  expect(host.commands.flat()).toContain('vllmd-runtime@2.service');
});

test('a runtime that does not stop keeps its files, and nothing else is changed', async () => {
  const host = describedHost();
  await run(['install', '--config', example], testWorld(host));
  const before = new Map(host.entries);
  const state = { activeState: 'active', subState: 'running' };
  const unit = 'vllmd-runtime@2.service';
  const world = testWorld(withBrokenUnit(host, unit, state, ['stop']));
  expect(await run(['install', '--config', fewer], world)).toBe(4);
  expect(world.err()).toContain('vllmd-runtime@2.service did not stop');
  expect(new Map(host.entries)).toEqual(before);
  expect(await run(['install', '--config', fewer], testWorld(host))).toBe(0);
  expect(host.entries.has('/etc/vllmd/runtime-2.env')).toBe(false);
});

test('a runtime that does not start without the GPU that it gives up has it back, and so has its neighbour', async () => {
  const isAlone = (vm: string) => vm.includes('runtime-1/') && !vm.includes('0000:01:00.0');
  const { host, units, entries, violations } = simulatedHost({ failsToStart: isAlone });
  await run(['install', '--config', example], testWorld(host));
  const before = new Map([...entries].filter(([path]) => path.startsWith('/etc/')));
  const world = testWorld(host);
  const moved = `${FIXTURES}gpu-moved/vllmd.toml`;
  expect(await run(['install', '--config', moved], world)).toBe(4);
  expect(world.err()).toContain('everything is as in generation 1');
  expect(new Map([...entries].filter(([path]) => path.startsWith('/etc/')))).toEqual(before);
  expect(units.get('vllmd-runtime@1.service')).toMatchObject({ gpus: ['0000:01:00.0'] });
  expect(units.get('vllmd-runtime@2.service')).toMatchObject({ gpus: ['0000:02:00.0'] });
  expect(violations).toEqual([]);
});

test('a runtime that was stopped for its new GPU runs again when nothing can be written', async () => {
  const { host, units } = simulatedHost();
  await run(['install', '--config', example], testWorld(host));
  const world = testWorld(failingAt(host, 0));
  expect(await run(['install', '--config', `${FIXTURES}gpu-moved/vllmd.toml`], world)).toBe(1);
  expect(world.err()).toContain('everything is as in generation 1');
  expect(units.get('vllmd-runtime@1.service')).toMatchObject({ active: 'active' });
});

test('a config that lost all its runtimes is refused, unless that is asked for', async () => {
  const host = describedHost();
  await run(['install', '--config', example], testWorld(host));
  const world = testWorld(host);
  const empty = `${FIXTURES}defaults-only/vllmd.toml`;
  expect(await run(['install', '--config', empty], world)).toBe(6);
  expect(world.err()).toContain('all 2 of the host would be stopped and removed');
  expect(await run(['install', '--allow-empty', '--config', empty], testWorld(host))).toBe(0);
});

test('a daemon-reload that fails once starts nothing and leaves nothing', async () => {
  const host = describedHost();
  const before = new Map(host.entries);
  const world = testWorld(withFailingReload(host, 1));
  expect(await run(['install', '--config', example], world)).toBe(1);
  expect(world.err()).toContain('systemctl daemon-reload: Connection timed out');
  expect(host.commands.map((argv) => argv[1])).toEqual(['daemon-reload']);
  expect(new Map(host.entries)).toEqual(before);
});

test('where systemd cannot be told that all is as before, the commands that are left are printed', async () => {
  const host = describedHost();
  const world = testWorld(withFailingReload(host, 2));
  expect(await run(['install', '--config', example], world)).toBe(8);
  expect(world.err()).toContain('  1. sudo systemctl daemon-reload\n  2. sudo vllmd recover\n');
  expect(await run(['recover'], testWorld(host))).toBe(0);
  expect(await run(['install', '--config', example], testWorld(host))).toBe(0);
});

function withFailingReload(host: MemoryHost, times: number): Host {
  let left = times;
  return {
    ...host,
    run: async (argv, timeoutMs) => {
      if (argv[1] !== 'daemon-reload' || left === 0) return host.run(argv, timeoutMs);
      left -= 1;
      return { exitCode: 1, stdout: '', stderr: 'Connection timed out\n' };
    },
  };
}

test('a write that fails at any point is told, and the next install goes on from there', async () => {
  const total = (await changesOf(example)).length;
  for (let failAt = 0; failAt < total; failAt += 1) {
    const host = describedHost();
    await run(['install', '--config', example], testWorld(host));
    const world = testWorld(failingAt(host, failAt));
    const code = await run(['install', '--config', more], world);
    if (code === 0) break;
    expect(code).toBe(1);
    expect(world.err()).toContain('no space left');
    expect(world.err()).not.toContain('    at ');
    // Neither takes its own half-finished work for the edit of somebody.
    expect(await run(['install', '--config', more], testWorld(host))).toBe(0);
    const again = testWorld(host);
    await run(['install', '--dry-run', '--config', more], again);
    expect(again.out()).toContain('Nothing to do');
  }
});

test('an interrupted first install is taken up again as well', async () => {
  for (const failAt of [0, 1, 10, 30, 45]) {
    const host = describedHost();
    expect(await run(['install', '--config', example], testWorld(failingAt(host, failAt)))).toBe(1);
    expect(await run(['install', '--config', more], testWorld(host))).toBe(0);
    expect(host.units.get('vllmd-runtime@2.service')).toMatchObject({ activeState: 'active' });
  }
});

/** The first `count` changes succeed, one fails; the record of the install can still be written. */
function failingAt(host: Host, count: number): Host {
  let left = count;
  const guard = <Args extends readonly [string, ...unknown[]]>(
    effect: (...args: Args) => Promise<void>,
  ) => {
    return async (...args: Args): Promise<void> => {
      if (!/^\/(var\/lib|run)\/vllmd/.test(args[0])) {
        left -= 1;
        if (left === -1) throw new Error('no space left on device');
      }
      return effect(...args);
    };
  };
  return {
    ...host,
    write: guard(host.write),
    link: guard(host.link),
    mkdir: guard(host.mkdir),
    remove: guard(host.remove),
  };
}

async function changesOf(config: string): Promise<readonly unknown[]> {
  const world = testWorld(describedHost());
  await run(['install', '--dry-run', '--json', '--config', config], world);
  return JSON.parse(world.out()).changes;
}
