import { describe, expect, test, vi } from 'vitest';
import { type Answer, call, healthy, install, installed } from '../support/call.ts';
import { contradictions, pictureOf } from '../support/consistency.ts';
import { faulty, signalling } from '../support/faulty-host.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';
import { readmeTells, tally } from '../support/tally.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const tried = tally('points tried');

type Signal = 'SIGINT' | 'SIGTERM';

/** The signals come right before the operation with this number. */
function interrupted(
  machine: Simulation,
  argv: readonly string[],
  at: number,
  signals: readonly Signal[],
): Promise<Answer> {
  let send = () => {};
  return call(machine, argv, {
    host: signalling(machine.host, at, () => send()),
    prepare: (world) => {
      send = () => signals.forEach(world.interrupt);
    },
  });
}

async function operationsOf(
  start: Simulation,
  argv: readonly string[],
): Promise<readonly string[]> {
  const machine = start.fork();
  const host = faulty(machine.host, -1, undefined);
  await healthy(machine, argv, { host });
  return host.operations;
}

const plans = [
  ['first install', simulatedHost, install('/example.toml')],
  ['update', installed, install('/memory.toml')],
  ['hand-over', installed, install('/moved.toml')],
  ['uninstall', installed, ['uninstall']],
] as const;

describe.for(plans)('%s', ([name, prepare, argv]) => {
  test('a signal before any step takes everything back, or comes when nothing is left to take back', async () => {
    const start = await prepare();
    const operations = await operationsOf(start, argv);
    const before = pictureOf(start);
    const clean = start.fork();
    await healthy(clean, argv);
    const codes: number[] = [];
    for (const [at, operation] of operations.entries()) {
      const [signal, code] =
        at % 2 === 0 ? (['SIGINT', 130] as const) : (['SIGTERM', 143] as const);
      const machine = start.fork();
      const answer = await interrupted(machine, argv, at, [signal]);
      const story = `${signal} at ${at}: ${operation}\n${answer.err}`;
      expect([0, code], story).toContain(answer.code);
      const wanted = answer.code === 0 ? pictureOf(clean) : before;
      expect(pictureOf(machine), story).toEqual(wanted);
      expect(contradictions(machine), story).toEqual([]);
      expect(answer.err).toContain(`${signal}: the current step is finished`);
      codes.push(answer.code);
      tried.add(name);
    }
    // Once it is too late it stays too late: after the last unit has been started.
    const last = codes.findLastIndex((code) => code !== 0);
    expect(codes.slice(0, last + 1)).not.toContain(0);
    const rest = operations.slice(last + 1);
    expect(
      rest.filter((operation) => /restart|start -- vllmd-(runtime|vfio)/.test(operation)),
    ).toEqual([]);
  });
});

test('a second signal is told that nothing is cut off, and changes nothing', async () => {
  const machine = await installed();
  const before = pictureOf(machine);
  const answer = await interrupted(machine, install('/memory.toml'), 14, ['SIGTERM', 'SIGINT']);
  expect(answer).toMatchObject({ code: 143 });
  expect(answer.err).toMatch(/SIGINT again: .*must not be cut off/);
  expect(pictureOf(machine)).toEqual(before);
});

test('a signal while one group goes back takes the others back as well', async () => {
  const machine = simulatedHost({ failsToStart: (vm) => vm.includes(`"size": ${48 * 2 ** 30}`) });
  await healthy(machine, install('/example.toml'));
  const before = pictureOf(machine);
  let send = () => {};
  const host = {
    ...machine.host,
    run: async (argv: readonly string[], timeoutMs: number) => {
      if (argv.includes('reset-failed')) send();
      return machine.host.run(argv, timeoutMs);
    },
  };
  const answer = await call(machine, install('/mixed.toml'), {
    host,
    prepare: (world) => {
      send = () => world.interrupt('SIGINT');
    },
  });
  expect(answer).toMatchObject({ code: 130 });
  expect(pictureOf(machine)).toEqual(before);
  expect(contradictions(machine)).toEqual([]);
});

test('the end of the terminal does not end an install', async () => {
  const machine = await installed();
  const answer = await call(machine, install('/memory.toml'), {
    prepare: (world) => {
      const { lock } = world;
      Object.assign(world, {
        lock: async (...args: Parameters<typeof lock>) => {
          const taken = await lock(...args);
          world.interrupt('SIGHUP');
          return taken;
        },
      });
    },
  });
  expect(answer.code).toBe(0);
});

test('a signal while an earlier install is being recovered ends the run before it plans anything new', async () => {
  const machine = await installed();
  const argv = install('/memory.toml');
  const operations = await operationsOf(machine, argv);
  const at = operations.findIndex((name) => name.includes('runtime-2.vm.json'));
  await call(machine, argv, { host: faulty(machine.host, at, 'dies-after') });
  const before = pictureOf(await installed());
  const answer = await interrupted(machine, argv, 0, ['SIGINT']);
  expect(answer).toMatchObject({ code: 130 });
  expect(pictureOf(machine)).toEqual(before);
  expect(contradictions(machine)).toEqual([]);
});

test('the lock is free again after every end', async () => {
  const machine = await installed();
  await interrupted(machine, install('/memory.toml'), 14, ['SIGINT']);
  expect((await call(machine, install('/memory.toml'))).code).toBe(0);
});

readmeTells('test/transaction/interrupts.test.ts', tried.sum);
