import { VllmdError } from '../../core/failure.ts';
import { type Journal, undoneGroups, withGroup } from '../../core/transaction/journal.ts';
import { asError } from '../as-error.ts';
import type { Host } from '../host.ts';
import { type Failure, runUnit } from '../run-unit.ts';
import { type CommitContext, type Committed, commit, finishCommit } from './commit.ts';
import { finishedGroups } from './proven-groups.ts';
import { makeParents, readJournal, removeIfThere, saveJournal } from './store.ts';
import { sweepChanged } from './sweep.ts';
import { type UndoContext, type Undone, undo } from './undo.ts';

export type RecoverContext = CommitContext &
  UndoContext & {
    /** The host is a tree: the systemd of this machine knows nothing of it. */
    readonly isOffline?: boolean;
  };

export type Recovery = {
  readonly journal: Journal;
  /** Groups that stay on the new generation, and those that went back. */
  readonly finished: readonly number[];
  readonly undone: readonly number[];
  readonly saved: ReadonlyMap<string, string>;
  readonly committed?: Committed;
  readonly incomplete?: Undone;
};

/** Finishes or takes back an install that was cut off; undefined when there is none. */
export async function recoverJournal(
  host: Host,
  context: RecoverContext,
): Promise<Recovery | undefined> {
  const found = await readJournal(host);
  if (found === 'none' || found === 'hidden') return undefined;
  if ('damage' in found) throw damaged(found.damage, host);
  const read = { ...found, isOffline: found.isOffline || context.isOffline === true };
  await sweepChanged(read, host);
  if (read.phase === 'committed') return finish(read, host, context);
  try {
    return await finishOrUndo(read, host, context);
  } catch (error) {
    // Whether and how far it has gone back is not known: that is no end.
    const remaining = [{ what: asError(error).message }];
    const incomplete = { remaining, saved: new Map() };
    return { journal: read, finished: [], undone: [], saved: incomplete.saved, incomplete };
  }
}

async function finishOrUndo(read: Journal, host: Host, context: RecoverContext): Promise<Recovery> {
  const finished = await finishedGroups(read, host, context);
  const undone = read.groups.map(({ id }) => id).filter((id) => !finished.includes(id));
  // What is back already runs as it did: it is not taken back a second time.
  const back = undoneGroups(read);
  const going = undone.filter((id) => !back.has(id));
  const result = await undo(read, going.toReversed(), host, context);
  const base = { journal: read, finished, undone, saved: result.saved };
  if (result.remaining.length > 0) return { ...base, incomplete: result };
  const failure = await startLast(read, finished, host, context);
  if (failure !== undefined) {
    const command = `sudo systemctl start ${host.layer.targetUnit}`;
    const remaining = [{ what: failure.message, command, journal: failure.journal }];
    return { ...base, incomplete: { remaining, saved: result.saved } };
  }
  const settled = undone.reduce(
    (journal, id) => withGroup(journal, id, 'undone'),
    finished.reduce((journal, id) => withGroup(journal, id, 'good'), read),
  );
  try {
    await saveJournal(host, settled);
    const committed = await commit(settled, host, context);
    return { ...base, journal: settled, committed };
  } catch (error) {
    return { ...base, incomplete: notRecorded(error, result.saved) };
  }
}

/** An install that stays has its target too, which comes last. At boot systemd starts it. */
async function startLast(
  { units, isOffline }: Journal,
  finished: readonly number[],
  host: Host,
  { isBoot }: RecoverContext,
): Promise<Failure | undefined> {
  const { targetUnit } = host.layer;
  const target = units.find(({ unit, verbs }) => unit === targetUnit && verbs.includes('start'));
  if (isBoot || isOffline || target === undefined || !finished.includes(target.group)) return;
  return runUnit('start', targetUnit, host);
}

/** Everything is in place, and the journal says so only in part: the next run goes on from there. */
function notRecorded(error: unknown, saved: Undone['saved']): Undone {
  return {
    isRecord: true,
    remaining: [{ what: `cannot record it: ${asError(error).message}` }],
    saved,
  };
}

async function finish(journal: Journal, host: Host, context: RecoverContext): Promise<Recovery> {
  const ids = (isUndone: boolean) =>
    journal.groups.filter(({ state }) => (state === 'undone') === isUndone).map(({ id }) => id);
  const base = { journal, finished: ids(false), undone: ids(true), saved: new Map() };
  try {
    return { ...base, committed: await finishCommit(journal, host, context) };
  } catch (error) {
    return { ...base, incomplete: notRecorded(error, base.saved) };
  }
}

function damaged(damage: string, { layer }: Host): VllmdError {
  return new VllmdError(
    'rollbackIncomplete',
    `${damage}: what an interrupted install has changed is not known any more`,
    `\`sudo ${layer.command} recover --discard-journal\` puts it aside; then \`sudo ${layer.command} install\` with the config of that install makes all files and units as it says`,
  );
}

/** Puts a journal aside that cannot be used, or that is not to be followed. The path of the copy. */
export async function discardJournal(host: Host): Promise<string | undefined> {
  const { journal, failed } = host.layer.record;
  if ((await host.read(journal)).type !== 'file') return undefined;
  const path = `${failed}/discarded-journal.json`;
  await makeParents(host, path);
  await host.copy(journal, path);
  await host.remove(journal);
  return path;
}

/** From now on runtimes may start. */
export async function markRecovered(host: Host): Promise<void> {
  await removeIfThere(host, host.layer.unrecoveredPath);
}

/** Runtimes that a boot has held back start; without waiting, since they may wait for the unit that calls this. */
export async function startHeldBack(host: Host): Promise<void> {
  // Whoever has disabled the target starts his runtimes himself.
  const { targetUnit } = host.layer;
  const enabled = await host.query(['systemctl', 'is-enabled', '--quiet', '--', targetUnit]);
  if (enabled.exitCode !== 0) return;
  await host.run(['systemctl', 'start', '--no-block', '--', targetUnit], START_TIMEOUT_MS);
}

const START_TIMEOUT_MS = 60_000;
