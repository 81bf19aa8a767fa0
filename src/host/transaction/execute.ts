import { VllmdError } from '../../core/failure.ts';
import { isMemberUnit, type Member } from '../../core/resolve/member.ts';
import { writtenPaths } from '../../core/transaction/entries.ts';
import type { Transaction } from '../../core/transaction/groups.ts';
import { type Journal, undoneGroups } from '../../core/transaction/journal.ts';
import { asError } from '../as-error.ts';
import type { Host } from '../host.ts';
import { loadGate } from '../load-gate.ts';
import type { Failure } from '../run-unit.ts';
import { settle } from '../settle.ts';
import { activateGroup } from './activate-group.ts';
import { type Committed, commit } from './commit.ts';
import { makeChange } from './make-change.ts';
import { type ExecuteContext, Interrupted, Progress, type Signal, UnitFailed } from './progress.ts';
import { relabel } from './relabel.ts';
import { removeEmptyRecord, saveJournal } from './store.ts';
import { type Undone, undo } from './undo.ts';

export type Outcome = {
  readonly failures: readonly Failure[];
  /** What ended the transaction before its units were started; everything is undone then. */
  readonly cause?: Error;
  readonly signal?: Signal;
  /** Runtimes that are as they were before. */
  readonly undone: readonly Member[];
  /** Undone in part: the journal stays. */
  readonly incomplete?: Undone;
  readonly saved: ReadonlyMap<string, string>;
  /** Where the operator's text is of paths that have another one now. */
  readonly backups: ReadonlyMap<string, string>;
  readonly committed?: Committed;
};

/** Carries out a transaction. However it ends, each group is wholly what it was or wholly what the plan says. */
export async function execute(
  transaction: Transaction,
  begun: Journal,
  host: Host,
  context: ExecuteContext,
): Promise<Outcome> {
  const progress = new Progress(transaction, begun, host, context);
  await begin(begun, host);
  try {
    await prepare(transaction, progress);
    const incomplete = await activate(transaction, progress);
    if (incomplete !== undefined) return outcomeOf(progress, { incomplete });
    progress.stopIfInterrupted();
  } catch (error) {
    return undoAll(progress, error);
  }
  return finish(progress);
}

async function begin(journal: Journal, host: Host): Promise<void> {
  try {
    await saveJournal(host, journal);
  } catch (error) {
    await removeEmptyRecord(host);
    const message = `nothing was changed: cannot write ${host.layer.record.journal}: ${asError(error).message}`;
    throw new VllmdError('unexpected', message, undefined, { cause: error });
  }
}

/** Everything before the first unit starts with a new definition. */
async function prepare({ plan }: Transaction, progress: Progress): Promise<void> {
  const { host, context } = progress;
  for (const action of plan.actions.filter(({ phase }) => phase === 'before')) {
    await progress.mustRun(action);
  }
  await progress.save({ phase: 'writing' });
  const { changes } = progress.journal;
  if (changes.length > 0) context.on({ kind: 'files', count: changes.length });
  for (const change of changes) {
    progress.stopIfInterrupted();
    await makeChange(change, host, () => progress.begun.add(change.path));
  }
  if (!progress.journal.isOffline) await relabel(writtenPaths(changes, 'after'), host);
  for (const action of plan.actions.filter(({ verb }) => verb === 'daemon-reload')) {
    progress.stopIfInterrupted();
    const failure = await progress.run(action);
    if (failure !== undefined) throw new VllmdError('unexpected', failure.message);
  }
  // Without a reload too: what starts anew may have become unreadable before.
  if (plan.actions.some(({ phase }) => phase === 'after')) await gate(host, context);
  progress.stopIfInterrupted();
  await progress.save({ phase: 'activating' });
}

async function gate(host: Host, { expectations }: ExecuteContext): Promise<void> {
  const problems = await loadGate(host, expectations);
  if (problems.length === 0) return;
  throw new VllmdError(
    'unexpected',
    `systemd has not taken over what was written: ${problems.join('; ')}`,
  );
}

/** Everything has failed, or what all share has: then all goes back. */
class AllBack extends Error {}

/** Starts group after group; one that fails goes back alone. What could not be taken back is returned. */
async function activate(
  { groups, last }: Transaction,
  progress: Progress,
): Promise<Undone | undefined> {
  for (const group of groups) {
    progress.stopIfInterrupted();
    const failures = await activateGroup(group, progress);
    if (failures.length === 0) continue;
    progress.failures.push(...failures);
    if (group.id === 0 || progress.context.allOrNothing) throw new AllBack();
    const incomplete = await takeBack([group.id], progress);
    if (incomplete !== undefined) return incomplete;
  }
  if (isNothingLeft(progress)) throw new AllBack();
  await tellWhoHasEnded(groups, progress);
  for (const action of last) {
    const failure = await progress.run(action);
    if (failure !== undefined) progress.failures.push(failure);
  }
  return undefined;
}

/** A runtime may have ended while those after it were watched. Its definition is not to blame: it stays, and is told. */
async function tellWhoHasEnded(groups: Transaction['groups'], progress: Progress): Promise<void> {
  const { host, context, journal } = progress;
  const good = new Set(journal.groups.filter(({ state }) => state === 'good').map(({ id }) => id));
  const units = groups
    .filter(({ id }) => good.has(id))
    .flatMap(({ runs }) => runs.filter(({ verb }) => verb === 'start' || verb === 'restart'))
    .flatMap(({ unit }) => unit ?? [])
    .filter(isMemberUnit);
  const failures = await settle([...new Set(units)], host, { settleMs: 0, wait: context.wait });
  for (const failure of failures) context.on({ kind: 'failed', failure });
  progress.failures.push(...failures);
}

/** What all share was made for runtimes that went back. */
function isNothingLeft({ journal }: Progress): boolean {
  const [, ...others] = journal.groups;
  return others.length > 0 && others.every(({ state }) => state === 'undone');
}

async function undoAll(progress: Progress, error: unknown): Promise<Outcome> {
  if (error instanceof UnitFailed) progress.failures.push(error.failure);
  const reason = reasonOf(error, progress);
  const left = progress.journal.groups.filter(({ state }) => state !== 'undone');
  const incomplete = await takeBack(left.map(({ id }) => id).toReversed(), progress);
  if (incomplete !== undefined) return outcomeOf(progress, { ...reason, incomplete });
  return finish(progress, reason);
}

function reasonOf(error: unknown, { context }: Progress): Partial<Outcome> {
  if (error instanceof Interrupted) {
    const signal = context.received();
    return signal === undefined ? {} : { signal };
  }
  const isKnown = error instanceof AllBack || error instanceof UnitFailed;
  return isKnown ? {} : { cause: asError(error) };
}

/** Undefined when it has succeeded. */
async function takeBack(
  groups: readonly number[],
  progress: Progress,
): Promise<Undone | undefined> {
  const { host, context, saved, journal, begun } = progress;
  const chosen = journal.groups.filter(({ id }) => groups.includes(id));
  context.on({ kind: 'undoing', runtimes: chosen.flatMap(({ runtimes }) => runtimes) });
  const { settleMs, wait } = context;
  try {
    // From here on nothing may take these groups for finished. Without space the way back is tried all the same.
    await progress.saveGroups(groups, 'undoing').catch(() => undefined);
    const undone = await undo(journal, groups, host, { settleMs, wait, isBoot: false, begun });
    for (const [path, copy] of undone.saved) saved.set(path, copy);
    if (undone.remaining.length > 0) return undone;
    await progress.saveGroups(groups, 'undone');
    return undefined;
  } catch (error) {
    return { remaining: [{ what: asError(error).message }], saved };
  }
}

async function finish(progress: Progress, reason: Partial<Outcome> = {}): Promise<Outcome> {
  try {
    const committed = await commit(progress.measured(), progress.host, progress.context);
    return outcomeOf(progress, { ...reason, committed });
  } catch (error) {
    const what = `cannot record it: ${asError(error).message}`;
    const incomplete = { isRecord: true as const, remaining: [{ what }], saved: progress.saved };
    return outcomeOf(progress, { ...reason, incomplete });
  }
}

function outcomeOf({ journal, failures, saved }: Progress, parts: Partial<Outcome>): Outcome {
  const ids = undoneGroups(journal);
  const backups = new Map(
    journal.changes.flatMap(({ group, path, backup }) =>
      backup === undefined || ids.has(group) ? [] : [[path, backup] as const],
    ),
  );
  const undone = journal.groups.filter(({ id }) => ids.has(id));
  const runtimes = undone.flatMap((group) => group.runtimes);
  return { failures, undone: runtimes, saved, backups, ...parts };
}
