import { afterAll, describe, expect, test, vi } from 'vitest';
import { run } from '../src/cli/run.ts';
import type { Host } from '../src/host/host.ts';
import {
  contradictions,
  fingerprint,
  mixtures,
  type Picture,
  pictureOf,
} from './support/consistency.ts';
import { type Fault, faultsOf, faulty } from './support/faulty-host.ts';
import { configs, type Scenario, scenarios } from './support/scenarios.ts';
import { type Simulation, simulatedHost } from './support/systemd.ts';
import { testWorld } from './support/world.ts';

// The parser lays out its help at every command, though nobody asks for it, and takes half of the time for that.
vi.mock('yargs', async (original) => {
  const { default: yargs } = await original<typeof import('yargs')>();
  const withoutHelp: typeof yargs = Object.assign((...args: Parameters<typeof yargs>) => {
    const parser = yargs(...args);
    if ('getInternalMethods' in parser) quieten(parser as unknown as Internal);
    return parser;
  }, yargs);
  return { default: withoutHelp };
});

type Internal = { getInternalMethods: () => { getUsageInstance: () => object } };

function quieten(parser: Internal): void {
  const usage = parser.getInternalMethods().getUsageInstance();
  Object.assign(usage, { cacheHelpMessage: () => undefined });
}

const tried = new Map<string, number>();
afterAll(() => {
  const total = [...tried.values()].reduce((sum, count) => sum + count, 0);
  const each = [...tried].map(([name, count]) => `${name} ${count}`).join(', ');
  process.stderr.write(`points tried: ${total} (${each})\n`);
});

/** The exit code, and what was said. */
async function command(
  argv: readonly string[],
  host: Host,
): Promise<{ code: number; out: string; said: string }> {
  const world = testWorld(host, {
    readConfigFile: (path) => {
      const text = configs.get(path);
      if (text === undefined) throw new Error(`no config ${path}`);
      return { kind: 'bytes', bytes: Buffer.from(text) };
    },
  });
  const code = await run([...argv], world);
  return { code, out: world.out(), said: `${argv.join(' ')}: exit code ${code}\n${world.err()}` };
}

async function healthy(argv: readonly string[], host: Host, exitCode = 0): Promise<void> {
  const { code, said } = await command(argv, host);
  if (code !== exitCode) throw new Error(said);
}

type Prepared = {
  readonly scenario: Scenario;
  readonly start: Simulation;
  readonly pictures: readonly [Picture, Picture];
  readonly operations: readonly string[];
  /** What was found about a host like this one before: a host that is the same to the last byte behaves the same. */
  readonly known: Map<string, readonly string[]>;
};

async function prepare(scenario: Scenario): Promise<Prepared> {
  const { failsToStart, exitCode } = scenario;
  const start = simulatedHost(failsToStart === undefined ? {} : { failsToStart });
  for (const argv of scenario.before) await healthy(argv, start.host);
  const end = start.fork();
  const counting = faulty(end.host, -1, undefined);
  await healthy(scenario.command, counting, exitCode);
  expect(contradictions(end)).toEqual([]);
  const pictures = [pictureOf(start), pictureOf(end)] as const;
  return { scenario, start, pictures, operations: counting.operations, known: new Map() };
}

/** What is wrong after one operation went wrong, in words. */
async function problemsAt(
  prepared: Prepared,
  at: number,
  fault: Fault,
): Promise<readonly string[]> {
  const machine = prepared.start.fork();
  const host = faulty(machine.host, at, fault);
  const { code, said } = await command(prepared.scenario.command, host);
  const found = host.hasDied() ? [] : ofExitCode(code, machine, prepared);
  const key = `${host.hasDied()} ${fingerprint(machine)}`;
  const known = prepared.known.get(key);
  const later = known ?? (await afterwards(machine, prepared));
  prepared.known.set(key, later);
  const where = `${fault} at ${at}: ${host.operations[at]}`;
  return [...found, ...later].map((problem) => `${where}: ${problem}\n${said}`);
}

function ofExitCode(code: number, machine: Simulation, prepared: Prepared): readonly string[] {
  const { pictures, scenario } = prepared;
  const hasJournal = machine.entries.has('/var/lib/vllmd/install/journal.json');
  if (code === 8) return hasJournal ? [] : ['exit code 8 without a journal'];
  if (code !== 0 && code !== 1 && code !== 4) return [`exit code ${code}`];
  const both = code === 0 ? ([pictures[1], pictures[1]] as const) : pictures;
  return [...mixtures(pictureOf(machine), both, scenario.together), ...contradictions(machine)].map(
    (problem) => `after exit code ${code}: ${problem}`,
  );
}

/** Recovers, looks, and installs again. */
async function afterwards(machine: Simulation, prepared: Prepared): Promise<readonly string[]> {
  const { scenario, pictures } = prepared;
  const recovered = await command(['recover'], machine.host);
  if (recovered.code !== 0) return [recovered.said];
  const found = [
    ...mixtures(pictureOf(machine), pictures, scenario.together),
    ...contradictions(machine),
  ].map((problem) => `after recover: ${problem}`);
  found.push(...(await drift(machine)));
  const again = await command(scenario.converge, machine.host);
  if (again.code !== (scenario.exitCode ?? 0)) return [...found, again.said];
  const [, end] = pictures;
  const left = [
    ...mixtures(pictureOf(machine), [end, end], scenario.together),
    ...contradictions(machine),
  ];
  return [...found, ...left.map((problem) => `after ${scenario.converge.join(' ')}: ${problem}`)];
}

/** What `vllmd verify` says, but that there is more to install. */
async function drift({ host }: Simulation): Promise<readonly string[]> {
  const { out } = await command(['verify', '--json'], host);
  const { findings }: { findings: readonly { code: string; subject: string }[] } = JSON.parse(out);
  return findings
    .filter(({ code }) => code !== 'not-installed' && code !== 'changes-pending')
    .map(({ code, subject }) => `verify: ${code}: ${subject}`);
}

/** Of all problems the first few, so that a message stays readable. */
const SHOWN = 5;

describe.each(scenarios)('$name', (scenario) => {
  test('whatever goes wrong at whichever step, each group of runtimes is wholly old or wholly new', async () => {
    const prepared = await prepare(scenario);
    const problems: string[] = [];
    let count = 0;
    // A fault may make the run longer than the clean one is, but nothing can go wrong after the last clean step.
    for (const [at, operation] of prepared.operations.entries()) {
      for (const fault of faultsOf(operation)) {
        problems.push(...(await problemsAt(prepared, at, fault)));
        count += 1;
      }
    }
    tried.set(scenario.name, count);
    expect({ count: problems.length, first: problems.slice(0, SHOWN) }).toEqual({
      count: 0,
      first: [],
    });
  }, 120_000);
});
