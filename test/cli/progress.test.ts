import { expect, test, vi } from 'vitest';
import { progressOn } from '../../src/cli/progress.ts';
import { tellingWorld } from '../../src/cli/telling-world.ts';
import type { ApplyEvent } from '../../src/host/apply-event.ts';
import type { Host } from '../../src/host/host.ts';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import { answering, call, healthy, install } from '../support/call.ts';
import { simulatedHost } from '../support/systemd.ts';
import { describedHost, testWorld } from '../support/world.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const GIB = 2 ** 30;
const copy = { index: 1, path: '/d/disk.raw.new', totalBytes: 4 * GIB };
const UNIT = 'vllmd-runtime@1.service';

type Stage = {
  readonly isTerminal?: boolean;
  readonly columns?: number;
  /** How long each program runs that changes the host. */
  readonly runSeconds?: number;
};

/** What is written, on one screen as a terminal or a log file shows it. */
function stage({ isTerminal = false, columns, runSeconds = 0 }: Stage) {
  const parts: string[] = [];
  const stderr = {
    write: (text: string) => void parts.push(text),
    hasColour: false,
    isTerminal,
    columns,
  };
  const memory = describedHost();
  const host: Host = {
    ...memory,
    run: async (argv, timeoutMs) => {
      await outside.wait(runSeconds * 1000);
      return memory.run(argv, timeoutMs);
    },
  };
  const outside = testWorld(host, { stderr });
  const telling = tellingWorld(outside);
  const { world } = telling;
  return { world, wait: outside.wait, end: telling.end, text: () => parts.join('') };
}

/** The lines that are there in the end, and what stood in the last one meanwhile. */
function screen(text: string): {
  readonly lines: readonly string[];
  readonly over: readonly string[];
} {
  const over = text
    .split('\u001b[K')
    .slice(0, -1)
    .map((part) => part.slice(part.lastIndexOf('\r') + 1))
    .filter((shown) => shown !== '');
  const lines = text
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r') + 1).replaceAll('\u001b[K', ''));
  return { lines, over };
}

async function copying(isTerminal: boolean): Promise<string> {
  const { world, wait, text } = stage({ isTerminal });
  const { on, end } = progressOn(world);
  on({ kind: 'files', count: 1 });
  for (const doneBytes of [0, GIB, 4 * GIB]) {
    on({ kind: 'copying', copy, doneBytes });
    await wait(1500);
  }
  const failure = { unit: 'a', message: 'a did not start', journal: 'one\ntwo' };
  on({ kind: 'failed', failure });
  end();
  return text();
}

const steps = [
  'writing: 1 change',
  '  copying the base image for runtime 1: 4.0 GiB',
  'error: a did not start',
  '  | one',
  '  | two',
  '',
];

test('on a terminal a copy shows how far it has come, in a line that is gone in the end', async () => {
  const { lines, over } = screen(await copying(true));
  expect(lines).toEqual(steps);
  expect(over).toEqual([
    '  copying the base image for runtime 1, 0 %',
    '  copying the base image for runtime 1, 25 %',
    '  copying the base image for runtime 1, 100 %',
  ]);
});

test('elsewhere a copy is one plain line', async () => {
  expect(await copying(false)).toBe(steps.join('\n'));
});

test('an image without any data is copied at once', async () => {
  const { world, wait, text } = stage({ isTerminal: true });
  const { on, end } = progressOn(world);
  on({ kind: 'copying', copy: { ...copy, totalBytes: 0 }, doneBytes: 0 });
  await wait(2000);
  end();
  expect(text()).toContain(', 100 %');
});

const action = (verb: 'stop' | 'start'): ApplyEvent => ({
  kind: 'action',
  action: { verb, unit: UNIT, group: 1, reason: 'removed-from-config', phase: 'before' },
  n: 1,
  of: 2,
});

test('a stop shows its seconds, and how long a guest has', async () => {
  const { world, wait, text } = stage({ isTerminal: true });
  const { on, end } = progressOn(world);
  on(action('stop'));
  await wait(72_500);
  on({ kind: 'settling', units: [UNIT], settleMs: 5000 });
  await wait(3000);
  end();
  const { lines, over } = screen(text());
  expect(over.at(0)).toBe(`  stop ${UNIT}, 1 s; a guest has 110 s to power off`);
  expect(over).toContain(`  stop ${UNIT}, 1 min 12 s; a guest has 110 s to power off`);
  expect(over.at(-1)).toBe('  waiting whether it stays up, 2 s to go');
  expect(lines).toEqual([
    `[1/2] stop ${UNIT}: it is no longer in the config`,
    `waiting: whether ${UNIT} stays up`,
    '',
  ]);
});

test('what is done within a second is not shown at all', async () => {
  const { world, wait, text } = stage({ isTerminal: true });
  const done = world.doing('reading');
  await wait(900);
  done();
  await wait(10_000);
  expect(text()).toBe('');
});

test('what nobody has announced is a line after a second where there is no terminal, once', async () => {
  const { world, wait, text } = stage({});
  const done = world.doing('reading what is on the host');
  await wait(30_000);
  done();
  expect(text()).toBe('reading what is on the host\n');
});

const stop = ['systemctl', 'stop', '--', UNIT] as const;

test('a program that changes the host and takes long is such a line too, unless a step has told it', async () => {
  const { world, text } = stage({ runSeconds: 20 });
  await world.host('').run(stop, 1000);
  const { on, end } = progressOn(world);
  on(action('stop'));
  await world.host('').run(stop, 1000);
  end();
  expect(text()).toBe(
    `systemctl stop -- ${UNIT}\n[1/2] stop ${UNIT}: it is no longer in the config\n`,
  );
});

test('on a terminal the program is shown behind what it is for', async () => {
  const { world, wait, text } = stage({ isTerminal: true, runSeconds: 3, columns: 100 });
  const done = world.doing('undoing');
  await wait(500);
  await world.host('').run(stop, 1000);
  done();
  const { lines, over } = screen(text());
  expect(over).toContain(`  undoing, 2 s: systemctl stop -- ${UNIT}, 2 s`);
  expect(lines).toEqual(['']);
});

test('what is written meanwhile stands in a line of its own', async () => {
  const { world, wait, text } = stage({ isTerminal: true });
  const done = world.doing('reading');
  await wait(1500);
  world.stderr.write('warning: something\n');
  await wait(500);
  done();
  expect(screen(text()).lines).toEqual(['warning: something', '']);
  expect(screen(text()).over).toEqual(['  reading, 1 s', '  reading, 1 s', '  reading, 2 s']);
});

test('the line is cut to the terminal, so that it stays one line', async () => {
  const { world, wait, text } = stage({ isTerminal: true, columns: 20 });
  world.doing('reading what is on the host');
  await wait(2000);
  expect(screen(text()).over).toEqual(['  reading what is…']);
});

test('what a failure ends is not shown any longer', async () => {
  const machine = simulatedHost();
  const parts: string[] = [];
  const stderr = {
    write: (text: string) => void parts.push(text),
    hasColour: false,
    isTerminal: true,
  };
  const failing = answering(machine.host, ([program]) => {
    if (program === 'systemctl') throw new TypeError('broken');
    return undefined;
  });
  const { code } = await call(machine, install('/example.toml'), {
    host: failing,
    world: { stderr },
  });
  expect(code).toBe(1);
  expect(screen(parts.join('')).lines.join('\n')).toContain('this is a bug in vllmd');
});

test('an install that is to be quiet tells its result and nothing else', async () => {
  const machine = simulatedHost();
  const { out, err } = await healthy(machine, install('/example.toml', '--quiet'));
  expect(out).toContain('Plan: ');
  expect(err).toBe('');
});

test('what has gone wrong is told however quiet an install is to be', async () => {
  const machine = simulatedHost({ failsToStart: (text) => text.includes('runtime-2') });
  const { code, err } = await call(machine, install('/example.toml', '-q'));
  expect(code).toBe(4);
  expect(err).toContain('error: vllmd-runtime@2.service did not start');
  expect(err).toContain('generation 1 is in place, but not for runtime 2: not installed\n');
  expect(err).not.toContain('[1/');
});

test('--verbose tells each program with its exit code and each change, and no text of a file', async () => {
  const machine = simulatedHost();
  const { err } = await healthy(machine, install('/example.toml', '--verbose'));
  expect(err).toMatch(/^\+ lock this host$/m);
  expect(err).toMatch(/^\+ systemctl start -- vllmd-runtime@1\.service \(exit code 0, 0\.00 s\)$/m);
  expect(err).toMatch(/^\+ systemctl show --property=.* \(exit code 0, 0\.00 s\)$/m);
  expect(err).toMatch(/^\+ write \/etc\/vllmd\/runtime-1\.env \(mode 0644, owner 0:0\)$/m);
  expect(err).toMatch(/^\+ link \/etc\/systemd\/system\/vllmd\.target\.wants\/.* -> /m);
  expect(err).not.toContain('VLLMD_RUNTIME_MEMORY=');
  const quiet = await call(machine, ['status', '-q', '-v']);
  expect(quiet).toMatchObject({ code: 64, err: expect.stringContaining('--quiet and --verbose') });
});

test('many files that are read one after the other leave the line a moment to be drawn', async () => {
  const { world, text } = stage({ isTerminal: true });
  const slow: Host = {
    ...describedHost(),
    read: async (path) => {
      // No timer runs while a file is read.
      nowMs += 300;
      return describedHost().read(path);
    },
  };
  let nowMs = 0;
  const ticks: (() => void)[] = [];
  const telling = tellingWorld({
    ...world,
    stderr: { ...world.stderr, isTerminal: true },
    host: () => slow,
    now: () => nowMs,
    every: (_, tick) => {
      ticks.push(tick);
      return () => {};
    },
    wait: async () => ticks.forEach((tick) => void tick()),
  });
  const done = telling.world.doing('reading');
  for (let count = 0; count < 8; count += 1) await telling.world.host('').read('/etc/passwd');
  done();
  expect(screen(text()).over).toEqual(['  reading, 1 s', '  reading, 2 s']);
});

test.for([
  ['render', '--out', '/tmp/tree'],
  ['explain', 'network.env:5'],
])('%s says what it does while it reads the host', async (command) => {
  const machine = simulatedHost();
  const outside = testWorld(machine.host);
  const slow: Host = {
    ...machine.host,
    read: async (path) => {
      await outside.wait(300);
      return machine.host.read(path);
    },
  };
  const { now, every, wait } = outside;
  const { code, err } = await call(machine, [...command, '--config', '/example.toml'], {
    host: slow,
    world: { now, every, wait, treeHost: () => createMemoryHost() },
  });
  expect(code).toBe(0);
  expect(err).toContain('reading what is on the host\n');
});
