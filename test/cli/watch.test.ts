import { expect, test, vi } from 'vitest';
import { run } from '../../src/cli/run.ts';
import type { World } from '../../src/host/world.ts';
import { answering, call, healthy, install, installed } from '../support/call.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';
import { type TestWorld, testWorld } from '../support/world.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const UNIT = 'vllmd-runtime@1.service';
const failed = { active: 'failed', sub: 'failed', result: 'exit-code', pid: 0 } as const;

type Moment = readonly [atMs: number, happens: (world: TestWorld) => unknown];

type Watched = {
  readonly argv?: readonly string[];
  /** What happens while it is watched; the last one ends it. */
  readonly moments: readonly Moment[];
  readonly screen?: { columns: number; rows: number };
  readonly world?: Partial<World>;
};

/** What a watch writes, each write by itself. */
async function watch(machine: Simulation, { argv = [], moments, screen, world }: Watched) {
  const writes: string[] = [];
  const left = [...moments];
  const inner = testWorld(machine.host);
  const stdout = {
    write: (text: string) => void writes.push(text),
    hasColour: false,
    isTerminal: screen !== undefined,
    get columns() {
      return screen?.columns;
    },
    get rows() {
      return screen?.rows;
    },
  };
  const outside: TestWorld = {
    ...inner,
    stdout,
    wait: async (milliseconds) => {
      await inner.wait(milliseconds);
      while (left[0] !== undefined && left[0][0] <= inner.waited())
        await left.shift()?.[1](outside);
      if (left.length === 0 && inner.waited() > 60_000) throw new Error('it does not end');
    },
    ...world,
  };
  const code = await run(['status', '--watch', ...argv], outside);
  return { code, writes, text: writes.join(''), err: inner.err(), waitedMs: inner.waited() };
}

const quit = (world: TestWorld) => world.press('q');

test('without a terminal a watch prints a block at each change, and nothing while all is as it was', async () => {
  const machine = await installed();
  const { code, text } = await watch(machine, {
    moments: [
      [7000, () => machine.becomes(UNIT, failed)],
      [20_000, (world) => world.interrupt('SIGINT')],
    ],
  });
  expect(code).toBe(0);
  const blocks = text.split('\n\n2026-');
  expect(blocks).toHaveLength(2);
  expect(blocks[0]).toMatch(/^2026-01-01T00:00:00Z\nINDEX /);
  expect(blocks[1]).toMatch(/^01-01T00:00:08Z\n1 of 2 runtimes needs you\n/);
  expect(text).not.toContain('\u001b');
});

test('--json is one line of JSON at each change', async () => {
  const machine = await installed();
  const { text } = await watch(machine, {
    argv: ['5s', '--json'],
    moments: [
      [12_000, () => machine.becomes(UNIT, failed)],
      [30_000, (world) => world.interrupt('SIGINT')],
    ],
  });
  const documents = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(documents.map(({ at, runtimes }) => [at, runtimes[0].state])).toEqual([
    ['2026-01-01T00:00:00Z', 'running'],
    ['2026-01-01T00:00:15Z', 'failed'],
  ]);
});

test.for([
  ['a file or a pipe', {}],
  ['--json', { argv: ['--json'], screen: { columns: 100, rows: 30 } }],
] as const)('what is written to %s leaves the keys of the terminal to others', async ([, how]) => {
  const onKey = vi.fn(() => () => undefined);
  const { code } = await watch(await installed(), {
    ...how,
    world: { onKey },
    moments: [[1000, (world) => world.interrupt('SIGINT')]],
  });
  expect(code).toBe(0);
  expect(onKey).not.toHaveBeenCalled();
});

test('on a terminal each look takes the place of the one before, and q leaves the cursor as it was', async () => {
  const machine = await installed();
  const { code, writes, waitedMs } = await watch(machine, {
    screen: { columns: 100, rows: 30 },
    moments: [
      [2500, () => machine.becomes(UNIT, failed)],
      [5000, quit],
    ],
  });
  expect(code).toBe(0);
  expect(waitedMs).toBe(5000);
  const [first = '', second = '', third = '', last] = writes;
  const heightOf = (text: string) => text.split('\n').length - 1;
  expect(first.startsWith('\u001b[?25l\u001b[?7lINDEX ')).toBe(true);
  expect(first).toContain('as of 00:00:00 UTC; q ends\u001b[K\n\u001b[J');
  expect(second).toContain(`\u001b[${heightOf(first)}A\rINDEX `);
  expect(third).toContain(`\u001b[${heightOf(second)}A\r1 of 2 runtimes needs you`);
  expect(last).toBe('\u001b[?25h');
  expect(writes).toHaveLength(4);
});

test('another size of the terminal is seen at once, and drawn on a clear screen', async () => {
  const screen = { columns: 100, rows: 30 };
  const { writes } = await watch(await installed(), {
    argv: ['1m'],
    screen,
    moments: [
      [
        500,
        () => {
          screen.columns = 60;
        },
      ],
      [1000, quit],
    ],
  });
  expect(writes).toHaveLength(3);
  expect(writes[1]).toContain('\u001b[H\u001b[2JINDEX ');
  expect(writes[1]).toContain('no room for');
});

test('what is higher than the window is cut, and says so', async () => {
  const { writes } = await watch(await installed(), {
    screen: { columns: 100, rows: 6 },
    moments: [[100, quit]],
  });
  const lines = (writes[0] ?? '').split('\n');
  expect(lines).toHaveLength(6);
  expect(lines.at(-3)).toContain('… 3 more lines: a higher window has them');
  expect(lines.at(-2)).toContain('q ends');
});

test.for([
  ['q', (world: TestWorld) => world.press('q'), 0],
  ['Ctrl-C as a key', (world: TestWorld) => world.press('\u0003'), 0],
  ['Ctrl-C', (world: TestWorld) => world.interrupt('SIGINT'), 0],
  ['SIGTERM', (world: TestWorld) => world.interrupt('SIGTERM'), 143],
  ['the end of its terminal', (world: TestWorld) => world.interrupt('SIGHUP'), 0],
] as const)('a watch ends with %s', async ([, end, expected]) => {
  const { code, waitedMs } = await watch(await installed(), {
    argv: ['1m'],
    screen: { columns: 100, rows: 30 },
    moments: [[300, end]],
  });
  expect({ code, waitedMs }).toEqual({ code: expected, waitedMs: 300 });
});

test('a watch whose output could not be written ends by itself', async () => {
  const machine = await installed();
  let isGone = false;
  const stdout = { write: () => {}, hasColour: false, isTerminal: false };
  const world = {
    stdout: Object.defineProperty({ ...stdout, isGone }, 'isGone', { get: () => isGone }),
  };
  const moments: readonly Moment[] = [
    [
      200,
      () => {
        isGone = true;
      },
    ],
  ];
  expect(await watch(machine, { moments, world })).toMatchObject({ code: 0, waitedMs: 200 });
});

test('a systemd that is silent for a moment does not end a watch, and is told', async () => {
  const machine = await installed();
  let isSilent = false;
  const host = answering(machine.host, ([program]) =>
    isSilent && program === 'systemctl' ? { exitCode: 1, stderr: 'no answer' } : undefined,
  );
  const { code, err, text } = await watch(machine, {
    world: { host: () => host },
    moments: [
      [
        1000,
        () => {
          isSilent = true;
        },
      ],
      [
        5000,
        () => {
          isSilent = false;
        },
      ],
      [9000, (world) => world.interrupt('SIGINT')],
    ],
  });
  expect(code).toBe(0);
  expect(err).toMatch(/^warning: systemctl show failed with exit code 1: no answer\n$/);
  expect(text.match(/^INDEX/gm)).toHaveLength(1);
});

test('a problem of several lines is drawn over as a whole, and its signs are shown', async () => {
  const machine = await installed();
  const host = answering(machine.host, ([program]) =>
    isSilent && program === 'systemctl' ? { exitCode: 1, stderr: 'no\n\u001b[2Jbus' } : undefined,
  );
  let isSilent = false;
  const { writes } = await watch(machine, {
    screen: { columns: 100, rows: 30 },
    world: { host: () => host },
    moments: [
      [
        1000,
        () => {
          isSilent = true;
        },
      ],
      [5000, quit],
    ],
  });
  const [, second = '', third = ''] = writes;
  expect(second).toContain('exit code 1: no\u001b[K\n\\u{1b}[2Jbus\u001b[K\n');
  expect(third).toContain(`\u001b[${second.split('\n').length - 1}A\r`);
});

test('an install that runs beside a watch is told in it', async () => {
  const machine = await installed();
  const { text } = await watch(machine, {
    screen: { columns: 120, rows: 30 },
    moments: [
      [1000, (world) => world.lock('', { op: 'install', timeoutMs: 0, onWait: () => {} })],
      [3000, quit],
    ],
  });
  expect(text).toContain('`vllmd install` by alice (pid 812, 1s) is changing this host');
});

test('nothing is installed: a watch says that, until something is', async () => {
  const machine = simulatedHost();
  const { text } = await watch(machine, {
    moments: [
      [1000, () => healthy(machine, install('/example.toml'))],
      [3000, (world) => world.interrupt('SIGINT')],
    ],
  });
  expect(text).toMatch(/vllmd has installed nothing here\n\n2026-.*\nINDEX /);
});

test.for([
  ['a first look that fails', ['status', '--watch', '--json'], 77],
  ['a time that is none', ['status', '--watch', 'often', '--json'], 64],
  ['an option that there is not', ['status', '--json', '--watch=5s', '--jsonl'], 64],
] as const)('%s is one line of JSON as well', async ([, argv, expected]) => {
  const { host } = await installed();
  const read: typeof host.read = async (path) =>
    path.endsWith('/manifest.json') ? { type: 'hidden' } : host.read(path);
  const world = testWorld({ ...host, read });
  expect(await run(argv, world)).toBe(expected);
  expect(world.out()).toMatch(/^\{"format_version":"1\.0","ok":false,"diagnostics":.*\}\n$/);
});

test.for(['0', '500ms', 'often'])('--watch %s is wrong usage', async (time) => {
  const { code, err } = await call(simulatedHost(), ['status', '--watch', time]);
  expect({ code, err }).toMatchObject({ code: 64, err: expect.stringContaining('at least 1s') });
});
