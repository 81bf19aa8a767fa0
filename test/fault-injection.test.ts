import { describe, expect, test, vi } from 'vitest';
import { type Answer, call, healthy } from './support/call.ts';
import {
  contradictions,
  fingerprint,
  mixtures,
  type Picture,
  pictureOf,
} from './support/consistency.ts';
import { type Fault, faultsOf, faulty, unanswered } from './support/faulty-host.ts';
import { type Scenario, scenarios } from './support/scenarios.ts';
import { type Simulation, simulatedHost } from './support/systemd.ts';
import { readmeTells, tally } from './support/tally.ts';

vi.mock('yargs', async (original) =>
  (await import('./support/quiet-yargs.ts')).quietYargs(original),
);

const tried = tally('points tried');

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
  for (const argv of scenario.before) await healthy(start, argv);
  const end = start.fork();
  const counting = faulty(end.host, -1, undefined);
  const clean = await call(end, scenario.command, { host: counting });
  if (clean.code !== (exitCode ?? 0)) throw new Error(said(scenario.command, clean));
  expect(contradictions(end)).toEqual([]);
  const pictures = [pictureOf(start), pictureOf(end)] as const;
  return { scenario, start, pictures, operations: counting.operations, known: new Map() };
}

function said(argv: readonly string[], { code, err }: Answer): string {
  return `${argv.join(' ')}: exit code ${code}\n${err}`;
}

/** What is wrong after one operation went wrong, in words. */
async function problemsAt(
  prepared: Prepared,
  at: number,
  fault: Fault,
): Promise<readonly string[]> {
  const machine = prepared.start.fork();
  const host = faulty(machine.host, at, fault);
  const { command } = prepared.scenario;
  const answer = await call(machine, command, { host });
  const found = host.hasDied() ? [] : ofExitCode(answer.code, machine, prepared);
  const key = `${host.hasDied()} ${fingerprint(machine)}`;
  const known = prepared.known.get(key);
  const later = known ?? (await afterwards(machine, prepared));
  prepared.known.set(key, later);
  const where = `${fault} at ${at}: ${host.operations[at]}`;
  return [...found, ...later].map((problem) => `${where}: ${problem}\n${said(command, answer)}`);
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
  const recovered = await call(machine, ['recover']);
  if (recovered.code !== 0) return [said(['recover'], recovered)];
  const found = [
    ...mixtures(pictureOf(machine), pictures, scenario.together),
    ...contradictions(machine),
  ].map((problem) => `after recover: ${problem}`);
  found.push(...(await drift(machine)));
  const again = await call(machine, scenario.converge);
  if (again.code !== (scenario.exitCode ?? 0)) return [...found, said(scenario.converge, again)];
  const [, end] = pictures;
  const left = [
    ...mixtures(pictureOf(machine), [end, end], scenario.together),
    ...contradictions(machine),
  ];
  return [...found, ...left.map((problem) => `after ${scenario.converge.join(' ')}: ${problem}`)];
}

/** What `vllmd verify` says, but that there is more to install. */
async function drift(machine: Simulation): Promise<readonly string[]> {
  const { out } = await call(machine, ['verify', '--json']);
  const { findings }: { findings: readonly { code: string; subject: string }[] } = JSON.parse(out);
  return findings
    .filter(({ code }) => code !== 'not-installed' && code !== 'changes-pending')
    .map(({ code, subject }) => `verify: ${code}: ${subject}`);
}

/** What a question of a run is worth that is not answered: one that systemd was asked is asked again. */
async function problemsWithout(
  { start, scenario, pictures }: Prepared,
  at: number,
): Promise<readonly string[]> {
  const machine = start.fork();
  const host = unanswered(machine.host, at);
  const answer = await call(machine, scenario.command, { host });
  const [before, after] = pictures;
  const question = host.questions[at] ?? '';
  const isDone = answer.code === (scenario.exitCode ?? 0);
  const wanted = isDone || question.startsWith('systemctl show') ? after : before;
  const found = [
    ...mixtures(pictureOf(machine), [wanted, wanted], scenario.together),
    ...contradictions(machine),
  ];
  return found.map(
    (problem) => `no answer to ${at}: ${question}: ${problem}\n${said(scenario.command, answer)}`,
  );
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
    const asking = unanswered(prepared.start.fork().host, -1);
    await call(prepared.start.fork(), scenario.command, { host: asking });
    for (const at of asking.questions.keys()) {
      problems.push(...(await problemsWithout(prepared, at)));
      count += 1;
    }
    tried.add(scenario.name, count);
    expect({ count: problems.length, first: problems.slice(0, SHOWN) }).toEqual({
      count: 0,
      first: [],
    });
  }, 120_000);
});

readmeTells('test/fault-injection.test.ts', tried.sum);
