import { absent, type Entry, isActive } from '../../core/plan/observed.ts';
import { ancestors } from '../../core/render/parents.ts';
import { UNIT_DIR } from '../../core/resolve/layout.ts';
import {
  hasOtherBytes,
  isAt,
  type SavedChange,
  type SavedEntry,
  savedEntry,
  writtenPaths,
} from '../../core/transaction/entries.ts';
import type { Journal } from '../../core/transaction/journal.ts';
import { asError } from '../as-error.ts';
import type { Host } from '../host.ts';
import { readUnit, systemctl } from '../systemctl.ts';
import { parentOf } from '../ways.ts';
import { clearWay } from './clear-way.ts';
import { isLeft, put } from './make-change.ts';
import { relabel } from './relabel.ts';
import { makeParents, removeIfThere } from './store.ts';
import { bringBack, type Remainder, standDown } from './undo-units.ts';

export type UndoContext = {
  readonly settleMs: number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** At boot nothing runs yet, and systemd starts what is enabled by itself. */
  readonly isBoot: boolean;
  /** Paths that this very process has begun to change; undefined where nobody knows. */
  readonly begun?: ReadonlySet<string>;
};

export type Undone = {
  /** Nothing is to be taken back: only the record is missing. */
  readonly isRecord?: true;
  /** What is still to be done by hand, in this order; none when it has succeeded. */
  readonly remaining: readonly Remainder[];
  /** Copies of files that somebody has edited since: where they are now, by path. */
  readonly saved: ReadonlyMap<string, string>;
};

/**
 * Brings groups back to what they were before: rollback after a failure, after a signal, after a crash, at boot. Every
 * step looks at what is there, so that it can be cut off and called again.
 */
export async function undo(
  journal: Journal,
  groups: readonly number[],
  host: Host,
  context: UndoContext,
): Promise<Undone> {
  const chosen = new Set(groups);
  const units = journal.units.filter(({ group }) => chosen.has(group));
  const changes = journal.changes.filter(
    ({ group, path }) => chosen.has(group) && mayBeChanged(path, journal, context),
  );
  const saved = new Map<string, string>();
  const started = new Set(
    journal.groups.filter(({ state }) => state !== 'pending').map(({ id }) => id),
  );
  const hasUnits = !context.isBoot && !journal.isOffline;
  if (hasUnits) {
    // With the definition that they were started with: what is new may need its files to stop.
    const remaining = await standDown(units, started, host, context.wait);
    if (remaining.length > 0) return { remaining, saved };
    const isAll = journal.groups.every(({ id, state }) => chosen.has(id) || state === 'undone');
    if (journal.before === null && isAll) await stopSlice(host);
  }
  const remaining = [
    ...(await takeAllBack(changes, journal, host, saved)),
    ...(await reload(changes, journal, host)),
  ];
  if (remaining.length > 0 || !hasUnits) return { remaining, saved };
  // All files are whole again; after a boot that could not recover, nothing starts while the marker is there.
  await removeIfThere(host, host.layer.unrecoveredPath);
  return { remaining: await bringBack(units, started, host, context), saved };
}

/** What was not reached is as it was, or as the operator has made it meanwhile, which is not to be taken back. */
function mayBeChanged(path: string, { phase }: Journal, { begun }: UndoContext): boolean {
  return begun?.has(path) ?? phase !== 'prepared';
}

/** Stops at the first file that cannot be put back: units are not started on a half of them. */
async function takeAllBack(
  changes: readonly SavedChange[],
  journal: Journal,
  host: Host,
  saved: Map<string, string>,
): Promise<readonly Remainder[]> {
  for (const change of changes.toReversed()) {
    try {
      await takeBack(change, journal, host, saved);
    } catch (error) {
      return [{ what: `cannot put back ${change.path}: ${asError(error).message}` }];
    }
  }
  try {
    if (!journal.isOffline) await relabel(writtenPaths(changes, 'before'), host);
    return [];
  } catch (error) {
    return [{ what: asError(error).message }];
  }
}

async function reload(
  changes: readonly SavedChange[],
  journal: Journal,
  host: Host,
): Promise<readonly Remainder[]> {
  const isNeeded = changes.some(({ path }) => path.startsWith(`${UNIT_DIR}/`));
  if (journal.isOffline || !isNeeded) return [];
  const result = await systemctl(host, 'daemon-reload');
  if (result.exitCode === 0) return [];
  const what = `systemctl daemon-reload: ${result.stderr.trim()}`;
  return [{ what, command: 'sudo systemctl daemon-reload' }];
}

/** It came with the first unit in it, and no plan names it. */
async function stopSlice(host: Host): Promise<void> {
  const { sliceUnit } = host.layer;
  if (isActive(await readUnit(host, sliceUnit))) await systemctl(host, 'stop', sliceUnit);
}

async function takeBack(
  change: SavedChange,
  journal: Journal,
  host: Host,
  saved: Map<string, string>,
): Promise<void> {
  const { path, before, backup } = change;
  const actual = await host.read(path);
  if (isAt(actual, before) || (await isOutOfReach(path, before, host))) return;
  const kept = await saveEdit(change, actual, journal, host);
  if (kept !== undefined) saved.set(path, kept);
  if (before.type !== 'absent') {
    await putBackParents(path, journal, host);
    await clearWay(path, before, journal, host, saved);
  }
  // The bytes themselves: the journal has them as text.
  if (backup !== undefined && before.type === 'file') {
    if ((await host.read(backup)).type === 'file') return host.copy(backup, path);
  }
  if (await isLeft(path, before, host)) return;
  await put(path, before, host);
}

/** What was made here is not there any more where something else is in the place of a directory above it. */
async function isOutOfReach(path: string, before: SavedEntry, host: Host): Promise<boolean> {
  if (before.type !== 'absent') return false;
  for (const directory of ancestors(path)) {
    const entry = await host.read(directory);
    const isWay = entry.type === 'directory' || (entry.type === 'link' && entry.trusted);
    if (!isWay) return (await host.exposure(parentOf(directory))) !== undefined;
  }
  return false;
}

/** Copies away what neither this install nor what was there before it has put here. */
async function saveEdit(
  { path, before, after, restores }: SavedChange,
  actual: Entry,
  journal: Journal,
  host: Host,
): Promise<string | undefined> {
  const restored = savedEntry(restores === undefined ? absent : await host.read(restores));
  if (!hasOtherBytes(actual, [before, after, restored])) return undefined;
  let kept = `${host.layer.record.backups}/${journal.after.generation}-undone${path}`;
  while ((await host.read(kept)).type !== 'absent') kept = `${kept}~`;
  await makeParents(host, kept);
  if (actual.type === 'link') await host.link(kept, actual.target);
  else await host.copy(path, kept);
  return kept;
}

/** A directory that went with another group is needed again by what comes back into it. */
async function putBackParents(path: string, { changes }: Journal, host: Host): Promise<void> {
  const above = new Set(ancestors(path));
  for (const change of changes.toReversed()) {
    if (!above.has(change.path) || change.before.type !== 'directory') continue;
    if ((await host.read(change.path)).type === 'absent') {
      await put(change.path, change.before, host);
    }
  }
}
