import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { type Answer, call, edit, install } from '../support/call.ts';
import { contradictions, type Picture, pictureOf } from '../support/consistency.ts';
import { type Fault, faultsOf, faulty } from '../support/faulty-host.ts';
import { randomConfig, roomyHost } from '../support/random-configs.ts';
import { type Simulation, simulatedHost } from '../support/systemd.ts';
import { readmeTells, tally } from '../support/tally.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

const tried = tally('points tried');

const journal = '/var/lib/vllmd/install/journal.json';
const changing = install('/config.toml');
/** Every fourth host is cleared instead. */
const commands = fc.constantFrom(changing, changing, changing, ['uninstall']);

/** An install on a host that an earlier one has been on, and what it does when nothing goes wrong. */
type Clean = {
  readonly argv: readonly string[];
  readonly start: Simulation;
  readonly texts: ReadonlyMap<string, string>;
  readonly before: Picture;
  readonly after: Picture;
  readonly exitCode: number;
  readonly operations: readonly string[];
  /** Runtimes with the paths that change together with them; those of group 0 have none. */
  readonly groups: readonly Group[];
};

type Group = { readonly runtimes: readonly number[]; readonly paths: readonly string[] };

async function cleanRun(
  argv: readonly string[],
  first: string | null,
  second: string,
  broken: number,
): Promise<Clean> {
  // What runs has come up once; of what is new one may not.
  const old = new Set<string>();
  const size = `"size": ${broken * 2 ** 30}`;
  const start = simulatedHost({
    description: roomyHost,
    failsToStart: (vm) => old.size > 0 && !old.has(vm) && vm.includes(size),
  });
  const texts = new Map([['/config.toml', second]]);
  if (first !== null) await must(start, changing, { texts: new Map([['/config.toml', first]]) });
  for (const [path, entry] of start.entries) {
    if (path.endsWith('.vm.json') && entry.type === 'file') old.add(entry.text);
  }
  const end = start.fork();
  const before = pictureOf(start);
  const counting = faulty(end.host, -1, undefined);
  let groups: readonly Group[] = [];
  const host: Host = {
    ...counting,
    write: (path, text, metadata) => {
      if (path === journal) groups = groupsOf(text);
      return counting.write(path, text, metadata);
    },
  };
  const { code } = await call(end, argv, { texts, host });
  expect([0, 4]).toContain(code);
  expect(contradictions(end)).toEqual([]);
  const { operations } = counting;
  return { argv, start, texts, before, after: pictureOf(end), exitCode: code, operations, groups };
}

async function must(
  machine: Simulation,
  command: readonly string[],
  options: Parameters<typeof call>[2] = {},
): Promise<Answer> {
  const answer = await call(machine, command, options);
  if (answer.code === 0) return answer;
  throw new Error(`${command.join(' ')}: exit code ${answer.code}\n${answer.err}`);
}

function groupsOf(text: string): readonly Group[] {
  const { groups, changes }: JournalText = JSON.parse(text);
  return groups.map(({ id, runtimes }) => ({
    runtimes,
    paths: changes
      .filter(({ group, before, after }) => group === id && !isDirectory(before, after))
      .map(({ path }) => path),
  }));
}

type JournalText = {
  readonly groups: readonly { readonly id: number; readonly runtimes: readonly number[] }[];
  readonly changes: readonly {
    readonly path: string;
    readonly group: number;
    readonly before: { readonly type: string };
    readonly after: { readonly type: string };
  }[];
};

/** One that other groups use as well may stay, or come back, with them. */
function isDirectory(...entries: readonly { readonly type: string }[]): boolean {
  return entries.some(({ type }) => type === 'directory');
}

/** Groups that are neither wholly as before nor wholly as the clean run left them. */
function mixed(machine: Simulation, { before, after, groups }: Clean): readonly string[] {
  const now = pictureOf(machine);
  return groups.flatMap(({ runtimes, paths }) => {
    const items = [
      ...paths.map((path) => pictures(path, now, before, after)),
      ...runtimes
        .map((index) => `vllmd-runtime@${index}.service`)
        .map((unit) => ({
          name: unit,
          isOld: now.units.get(unit) === before.units.get(unit),
          isNew: now.units.get(unit) === after.units.get(unit),
        })),
    ];
    if (items.every(({ isOld }) => isOld) || items.every(({ isNew }) => isNew)) return [];
    const names = (key: 'isOld' | 'isNew') =>
      items.filter((item) => !item[key]).map(({ name }) => name);
    return [`group ${runtimes}: not old: ${names('isOld')}; not new: ${names('isNew')}`];
  });
}

function pictures(path: string, now: Picture, before: Picture, after: Picture) {
  const [is, old, wanted] = [now, before, after].map(({ entries }) =>
    JSON.stringify(entries.get(path)),
  );
  return { name: path, isOld: is === old, isNew: is === wanted };
}

/** What is wrong once a run has ended by itself: 8 keeps its journal, everything else leaves nothing half done. */
function afterExit(machine: Simulation, { code, err }: Answer, clean: Clean): readonly string[] {
  if (code === 8) return machine.entries.has(journal) ? [] : [`8 without a journal\n${err}`];
  if (![0, 1, 4].includes(code)) return [`exit code ${code}\n${err}`];
  return problems(machine, clean).map((problem) => `after exit code ${code}: ${problem}\n${err}`);
}

function problems(machine: Simulation, clean: Clean): readonly string[] {
  return [...mixed(machine, clean), ...contradictions(machine)];
}

/** Recovered on a host that works again, everything belongs together, and an install makes it what it was to be. */
async function expectRepairable(machine: Simulation, clean: Clean, story: string): Promise<void> {
  const { err } = await must(machine, ['recover']);
  expect(problems(machine, clean), `${story}\n${err}`).toEqual([]);
  const again = await call(machine, clean.argv, { texts: clean.texts });
  expect(again.code, `${story}\n${again.err}`).toBe(clean.exitCode);
  expect(problems(machine, { ...clean, before: clean.after }), story).toEqual([]);
}

type Draw = { readonly at: number; readonly fault: number };
const draw: fc.Arbitrary<Draw> = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  fault: fc.nat({ max: 5 }),
});

/** A point of a run and what goes wrong there. */
function pick(operations: readonly string[], { at, fault }: Draw) {
  const index = Math.floor(at * operations.length);
  const operation = operations[index] ?? '';
  const faults = faultsOf(operation);
  const chosen: Fault = faults[fault % faults.length] ?? 'dies-before';
  return { index, fault: chosen, story: `${chosen} at ${index}: ${operation}` };
}

const configs = [
  commands,
  fc.option(randomConfig, { freq: 4 }),
  randomConfig,
  fc.integer({ min: 2, max: 6 }),
] as const;
const draws = (size: number) => fc.array(draw, { minLength: size, maxLength: size });
const PAIRS = 16;
const POINTS = 10;

test('whatever two configs are, and whatever goes wrong between them, each group is wholly old or wholly new', async () => {
  await fc.assert(
    fc.asyncProperty(...configs, draws(POINTS), async (argv, first, second, broken, points) => {
      const clean = await cleanRun(argv, first, second, broken);
      if (clean.operations.length === 0) return;
      for (const point of points) {
        const { index, fault, story } = pick(clean.operations, point);
        const machine = clean.start.fork();
        const host = faulty(machine.host, index, fault);
        const answer = await call(machine, argv, { texts: clean.texts, host });
        if (!host.hasDied()) expect(afterExit(machine, answer, clean), story).toEqual([]);
        await expectRepairable(machine, clean, `${story}\n${answer.err}`);
        tried.add('random');
      }
    }),
    { numRuns: PAIRS },
  );
});

test('a second fault, in the same run or in the one that recovers, costs no more than another recover', async () => {
  const pairs = fc.array(fc.tuple(draw, draw, fc.boolean()), {
    minLength: POINTS,
    maxLength: POINTS,
  });
  await fc.assert(
    fc.asyncProperty(...configs, pairs, async (argv, first, second, broken, points) => {
      const clean = await cleanRun(argv, first, second, broken);
      if (clean.operations.length === 0) return;
      for (const [one, other, isSameRun] of points) {
        const machine = clean.start.fork();
        const story = await (isSameRun ? twiceInOneRun : alsoInRecovery)(
          machine,
          clean,
          one,
          other,
        );
        await expectRepairable(machine, clean, story);
        tried.add(isSameRun ? 'twice' : 'recovery');
      }
    }),
    { numRuns: PAIRS },
  );
});

/** The second fault comes after the first, whatever that has led to. */
async function twiceInOneRun(
  machine: Simulation,
  clean: Clean,
  one: Draw,
  other: Draw,
): Promise<string> {
  const { argv, texts } = clean;
  const point = pick(clean.operations, one);
  const probe = faulty(clean.start.fork().host, point.index, point.fault);
  await call(clean.start, argv, { texts, host: probe });
  const rest = probe.operations.slice(point.index + 1);
  if (rest.length === 0) return point.story;
  const next = pick(rest, other);
  const inner = faulty(machine.host, point.index, point.fault);
  const host = faulty(inner, point.index + 1 + next.index, next.fault);
  const answer = await call(machine, argv, { texts, host });
  const story = `${point.story}, ${next.story}\n${answer.err}`;
  if (!host.hasDied() && !inner.hasDied()) {
    expect(afterExit(machine, answer, clean), story).toEqual([]);
  }
  return story;
}

/** Killed, and then something goes wrong with what is to put it right. */
async function alsoInRecovery(
  machine: Simulation,
  clean: Clean,
  one: Draw,
  other: Draw,
): Promise<string> {
  const { argv, texts } = clean;
  const point = pick(clean.operations, { ...one, fault: 4 });
  await call(machine, argv, { texts, host: faulty(machine.host, point.index, 'dies-after') });
  const probe = faulty(machine.fork().host, -1, undefined);
  await call(machine.fork(), ['recover'], { host: probe });
  if (probe.operations.length === 0) return point.story;
  const next = pick(probe.operations, other);
  const host = faulty(machine.host, next.index, next.fault);
  const answer = await call(machine, ['recover'], { host });
  const story = `dies-after at ${point.index}: ${clean.operations[point.index]}, then ${next.story}\n${answer.err}`;
  if (!host.hasDied() && answer.code === 0) expect(problems(machine, clean), story).toEqual([]);
  if (!host.hasDied() && answer.code === 8) expect(machine.entries.has(journal)).toBe(true);
  return story;
}

test('a power cut at any point, and another one at boot: files are whole before any runtime starts', async () => {
  const cuts = fc.array(fc.tuple(draw, fc.option(draw)), { minLength: POINTS, maxLength: POINTS });
  await fc.assert(
    fc.asyncProperty(...configs, cuts, async (argv, first, second, broken, points) => {
      const clean = await cleanRun(argv, first, second, broken);
      if (clean.operations.length === 0) return;
      for (const [cut, again] of points) {
        const machine = clean.start.fork();
        const index = Math.floor(cut.at * clean.operations.length);
        const death = cut.fault % 2 === 0 ? 'dies-before' : 'dies-after';
        const host = faulty(machine.host, index, death);
        await call(machine, argv, { texts: clean.texts, host });
        const story = `${death} at ${index}: ${clean.operations[index]}`;
        if (again !== null) await cutAtBoot(machine, again);
        await boot(machine, clean, story);
        tried.add('power cut');
      }
    }),
    { numRuns: PAIRS },
  );
});

async function startOfBoot(machine: Simulation): Promise<void> {
  machine.reboot();
  await machine.host.mkdir('/run/vllmd', { mode: 0o755, uid: 0, gid: 0 });
  await edit(machine, '/run/vllmd/unrecovered', '');
}

async function cutAtBoot(machine: Simulation, { at }: Draw): Promise<void> {
  await startOfBoot(machine);
  if (!machine.entries.has(journal)) return;
  const probe = faulty(machine.fork().host, -1, undefined);
  await call(machine.fork(), ['recover', '--boot'], { host: probe });
  const index = Math.floor(at * probe.operations.length);
  await call(machine, ['recover', '--boot'], { host: faulty(machine.host, index, 'dies-after') });
}

/** What the boot starts by itself: what is wanted, whether or not something recovers before it. */
const wants = '/etc/systemd/system/multi-user.target.wants';

async function boot(machine: Simulation, clean: Clean, story: string): Promise<void> {
  await startOfBoot(machine);
  const recovers = [`${wants}/vllmd-recover.service`, '/etc/systemd/system/vllmd-recover.service'];
  const isUnfinished = machine.entries.has(journal);
  if (isUnfinished && !recovers.every((path) => machine.entries.has(path))) {
    // Nobody would take anything back: nothing may start either.
    expect(machine.entries.has(`${wants}/vllmd.target`), story).toBe(false);
  }
  const since = machine.commands.length;
  let filesAtStart: readonly string[] = [];
  const host: Host = {
    ...machine.host,
    run: (command, timeoutMs) => {
      if (command.includes('start')) filesAtStart = mixedFiles(machine, clean);
      return machine.host.run(command, timeoutMs);
    },
  };
  const answer = await call(machine, ['recover', '--boot'], { host });
  expect(answer.code, `${story}\n${answer.err}`).toBe(0);
  const calls = machine.commands.slice(since).map((command) => command.slice(1).join(' '));
  const isEnabled = machine.entries.has(`${wants}/vllmd.target`);
  expect(calls.filter((words) => words !== 'daemon-reload')).toEqual(
    isEnabled ? ['start --no-block -- vllmd.target'] : [],
  );
  expect([...filesAtStart, ...mixedFiles(machine, clean)], story).toEqual([]);
  expect(machine.entries.has('/run/vllmd/unrecovered')).toBe(false);
  expect(contradictions(machine), story).toEqual([]);
}

function mixedFiles(machine: Simulation, clean: Clean): readonly string[] {
  const { groups } = clean;
  return mixed(machine, { ...clean, groups: groups.map((group) => ({ ...group, runtimes: [] })) });
}

readmeTells('test/transaction/random-faults.test.ts', tried.sum);
