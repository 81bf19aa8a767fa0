import { expect } from 'vitest';
import { hostLayer, type Layer } from '../../src/core/resolve/layer.ts';
import { type Answer, call, healthy } from './call.ts';
import { contradictions, fingerprint, mixtures, type Picture, pictureOf } from './consistency.ts';
import { type Fault, faultsOf, faulty, unanswered } from './faulty-host.ts';
import { llamaHost } from './llama-host.ts';
import { inLayer, layerOf, type Scenario } from './scenarios.ts';
import { type Simulation, simulatedHost } from './systemd.ts';
import type { tally } from './tally.ts';
import { textOf } from './unit-files.ts';

export type Prepared = {
  readonly scenario: Scenario;
  readonly start: Simulation;
  readonly end: Simulation;
  readonly pictures: readonly [Picture, Picture];
  readonly operations: readonly string[];
  /** What does not fit together before the command already, or by design after it. */
  readonly usual: ReadonlySet<string>;
  /** What was found about a host like this one before: a host that is the same to the last byte behaves the same. */
  readonly known: Map<string, readonly string[]>;
};

export async function prepare(scenario: Scenario): Promise<Prepared> {
  const { failsToStart, exitCode, leaves = [] } = scenario;
  const layer = layerOf(scenario);
  const start = simulatedHost({
    ...(failsToStart === undefined ? {} : { failsToStart }),
    ...(layer.member === 'instance' ? { description: llamaHost } : {}),
  });
  for (const step of scenario.before) {
    if (typeof step === 'function') await step(start);
    else await healthy(start, step);
  }
  const end = start.fork();
  const counting = faulty(end.host, -1, undefined);
  const clean = await call(end, scenario.command, { host: counting });
  if (clean.code !== (exitCode ?? 0)) throw new Error(said(scenario.command, clean));
  expect(contradictions(end, layer)).toEqual(leaves);
  const pictures = [pictureOf(start), pictureOf(end)] as const;
  const usual = new Set([
    ...contradictions(start, layer),
    ...(await drift(start, scenario)),
    ...(await drift(end, scenario)),
    ...leaves,
  ]);
  const { operations } = counting;
  return { scenario, start, end, pictures, operations, usual, known: new Map() };
}

export function said(argv: readonly string[], { code, err }: Answer): string {
  return `${argv.join(' ')}: exit code ${code}\n${err}`;
}

type Swept = {
  /** Points that were tried. */
  readonly count: number;
  /** What is wrong, in words: the first few, so that a message stays readable. */
  readonly problems: { readonly count: number; readonly first: readonly string[] };
};

/** Sweeps a scenario, and counts what was tried. What is wrong is `none` where it keeps what it promises. */
export async function sweptProblems(
  scenario: Scenario,
  tried: ReturnType<typeof tally>,
): Promise<Swept['problems']> {
  const prepared = await prepare(scenario);
  const { count, problems } = await sweep(prepared);
  tried.add(scenario.name, count);
  tried.addHosts(prepared.known.size);
  return problems;
}

const SHOWN = 5;
export const none: Swept['problems'] = { count: 0, first: [] };

/** Lets everything go wrong that can, one at a time: each operation of a clean run, and each question. */
async function sweep(prepared: Prepared): Promise<Swept> {
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
  await call(prepared.start.fork(), prepared.scenario.command, { host: asking });
  for (const at of asking.questions.keys()) {
    problems.push(...(await problemsWithout(prepared, at)));
    count += 1;
  }
  return { count, problems: { count: problems.length, first: problems.slice(0, SHOWN) } };
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
  const found = [
    ...machine.violations,
    ...(host.hasDied() ? [] : ofExitCode(answer.code, machine, prepared)),
    ...unfinished(machine, prepared),
  ];
  const later = await afterwards(machine, host.hasDied(), prepared);
  const where = `${fault} at ${at}: ${host.operations[at]}`;
  return [...found, ...later].map((problem) => `${where}: ${problem}\n${said(command, answer)}`);
}

/** What is wrong with a host that a run has left, whoever comes next. */
function unfinished(machine: Simulation, prepared: Prepared): readonly string[] {
  const { scenario, start } = prepared;
  return [...commitOrder(machine, start, layerOf(scenario)), ...(scenario.holds?.(machine) ?? [])];
}

/** Until the commit point the record is that of before. */
export function commitOrder(
  machine: Simulation,
  start: Simulation,
  { record }: Layer = hostLayer,
): readonly string[] {
  const journal = textOf(machine.entries, record.journal);
  if (journal === '') return [];
  const { phase }: { readonly phase: string } = JSON.parse(journal);
  const isOld = textOf(machine.entries, record.manifest) === textOf(start.entries, record.manifest);
  return phase === 'committed' || isOld ? [] : [`another record while the journal is ${phase}`];
}

export function ofExitCode(
  code: number,
  machine: Simulation,
  prepared: Prepared,
): readonly string[] {
  const { pictures, scenario } = prepared;
  const hasJournal = machine.entries.has(layerOf(scenario).record.journal);
  if (code === 8) return hasJournal ? [] : ['exit code 8 without a journal'];
  if (code !== 0 && code !== 1 && code !== 4) return [`exit code ${code}`];
  const both = code === 0 ? ([pictures[1], pictures[1]] as const) : pictures;
  return misfits(machine, both, prepared).map((problem) => `after exit code ${code}: ${problem}`);
}

/** What is neither old nor new, and what does not fit together though it did before. */
function misfits(
  machine: Simulation,
  pictures: readonly [Picture, Picture],
  { scenario, usual }: Prepared,
): readonly string[] {
  return [
    ...mixtures(pictureOf(machine), pictures, scenario.together),
    ...contradictions(machine, layerOf(scenario)).filter((problem) => !usual.has(problem)),
  ];
}

/** Recovers, looks, and installs again. */
export async function afterwards(
  machine: Simulation,
  hasDied: boolean,
  prepared: Prepared,
): Promise<readonly string[]> {
  const key = `${hasDied} ${fingerprint(machine)}`;
  const known = prepared.known.get(key);
  if (known !== undefined) return known;
  const found = await recovered(machine, hasDied, prepared);
  prepared.known.set(key, found);
  return found;
}

async function recovered(
  machine: Simulation,
  hasDied: boolean,
  prepared: Prepared,
): Promise<readonly string[]> {
  const { scenario, pictures, usual } = prepared;
  const recover = inLayer(scenario, 'recover');
  const answer = await call(machine, recover);
  if (answer.code !== 0) return [said(recover, answer)];
  const found = [
    ...misfits(machine, pictures, prepared),
    ...(scenario.holds?.(machine) ?? []),
    ...(scenario.settled?.(machine, hasDied) ?? []),
    ...(await drift(machine, scenario)).filter((finding) => !usual.has(finding)),
  ].map((problem) => `after recover: ${problem}`);
  return [...found, ...(await converged(machine, prepared))];
}

async function converged(machine: Simulation, prepared: Prepared): Promise<readonly string[]> {
  const { scenario, pictures } = prepared;
  for (const argv of scenario.converge.slice(0, -1)) await call(machine, argv);
  const last = scenario.converge.at(-1) ?? scenario.command;
  const answer = await call(machine, last);
  if (answer.code !== (scenario.exitCode ?? 0)) return [said(last, answer)];
  const [, end] = pictures;
  return misfits(machine, [end, end], prepared).map(
    (problem) => `after ${last.join(' ')}: ${problem}`,
  );
}

/** What `vllmd verify` says, but that there is more to install. */
async function drift(machine: Simulation, scenario: Scenario): Promise<readonly string[]> {
  const { out } = await call(machine, inLayer(scenario, 'verify', '--json'));
  const { findings }: { findings: readonly { code: string; subject: string }[] } = JSON.parse(out);
  return findings
    .filter(({ code }) => code !== 'not-installed' && code !== 'changes-pending')
    .map(({ code, subject }) => `verify: ${code}: ${subject}`);
}

/** What a question of a run is worth that is not answered: one that systemd was asked is asked again. */
async function problemsWithout(prepared: Prepared, at: number): Promise<readonly string[]> {
  const { start, scenario, pictures } = prepared;
  const machine = start.fork();
  const host = unanswered(machine.host, at);
  const answer = await call(machine, scenario.command, { host });
  const [before, after] = pictures;
  const question = host.questions[at] ?? '';
  const isDone = answer.code === (scenario.exitCode ?? 0);
  const wanted = isDone || question.startsWith('systemctl show') ? after : before;
  return misfits(machine, [wanted, wanted], prepared).map(
    (problem) => `no answer to ${at}: ${question}: ${problem}\n${said(scenario.command, answer)}`,
  );
}
