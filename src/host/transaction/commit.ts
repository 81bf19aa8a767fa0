import type { Manifest } from '../../core/plan/manifest.ts';
import { type Journal, undoneGroups } from '../../core/transaction/journal.ts';
import { isEmptyManifest, settledManifest } from '../../core/transaction/next-manifest.ts';
import { asError } from '../as-error.ts';
import type { Host } from '../host.ts';
import { parentOf } from '../ways.ts';
import { arm, type ConfirmContext, savePending } from './confirm.ts';
import { saveGeneration } from './save-generation.ts';
import {
  prune,
  removeEmptyRecord,
  removeIfThere,
  removeTree,
  saveJournal,
  saveRecord,
} from './store.ts';

export type CommitContext = ConfirmContext & { readonly now: () => number };

export type Committed = {
  readonly manifest: Manifest;
  /** Directories that stay because something else is in them. */
  readonly kept: readonly string[];
  /** Until when it waits for its confirmation, in milliseconds since 1970. */
  readonly deadline?: number;
  /** Why it does not go back by itself, though it was to. */
  readonly notArmed?: Error;
};

/** From here on the new record counts, whatever happens: what is left to do is done by the next run. */
export async function commit(
  journal: Journal,
  host: Host,
  context: CommitContext,
): Promise<Committed> {
  const after = settledManifest(journal, await keptDirectories(journal, host));
  const committed: Journal = { ...journal, phase: 'committed', after };
  await saveJournal(host, committed);
  return finishCommit(committed, host, context);
}

/** Writes what the commit point has decided. Can be cut off and called again. */
export async function finishCommit(
  journal: Journal,
  host: Host,
  context: CommitContext,
): Promise<Committed> {
  const { record } = host.layer;
  const keptByPurge = await purge(journal, host);
  const dirs = [...new Set([...journal.after.dirs, ...keptByPurge])].sort();
  const manifest: Manifest = { ...journal.after, dirs };
  const isEmpty = isEmptyManifest(manifest);
  if (isEmpty) await removeTree(host, record.generations);
  else await saveGeneration(journal, manifest, host, context.now);
  await removeRestored(journal, host);
  if (isEmpty) await removeIfThere(host, record.manifest);
  else await saveManifest(manifest, host);
  if (isEmpty) await removeTree(host, record.failed);
  else await prune(host);
  const isNew = manifest.generation > (journal.before?.generation ?? 0);
  const withinMs = isNew ? journal.confirmWithinMs : undefined;
  if (withinMs !== undefined) await savePending(withinMs, journal, host, context);
  // The journal goes after it: whoever is killed before has the timer set by the next run.
  const waiting =
    withinMs === undefined ? {} : await armed(withinMs, manifest.generation, host, context);
  await host.remove(record.journal);
  const left = isEmpty ? await removeEmptyRecord(host) : [];
  const kept = [...(await keptDirectories(journal, host)), ...keptByPurge, ...left];
  return { manifest, kept, ...waiting };
}

/** The install is done by now: a timer that cannot be set is told, and undoes nothing. */
async function armed(
  withinMs: number,
  generation: number,
  host: Host,
  context: CommitContext,
): Promise<Pick<Committed, 'deadline' | 'notArmed'>> {
  try {
    await arm(withinMs, generation, host, context);
    return { deadline: context.now() + withinMs };
  } catch (error) {
    return { notArmed: asError(error) };
  }
}

/** Writes it only where it says something else than before. */
export async function saveManifest(manifest: Manifest, host: Host): Promise<void> {
  const path = host.layer.record.manifest;
  const entry = await host.read(path);
  const text = `${JSON.stringify(manifest)}\n`;
  if (entry.type === 'file' && entry.text === text) return;
  await saveRecord(host, path, manifest);
}

function doneChanges(journal: Journal): Journal['changes'] {
  const undone = undoneGroups(journal);
  return journal.changes.filter(({ group }) => !undone.has(group));
}

/** Directories that were to go, or were made for what went back, and that something else is in. */
async function keptDirectories(journal: Journal, host: Host): Promise<readonly string[]> {
  const done = new Set(doneChanges(journal));
  const kept: string[] = [];
  for (const change of journal.changes) {
    const { path, before, after } = change;
    const [from, to] = done.has(change) ? [before, after] : [after, before];
    if (from.type !== 'directory' || to.type !== 'absent') continue;
    if ((await host.read(path)).type === 'directory') kept.push(path);
  }
  return kept;
}

/** Disks of runtimes that are gone. Returns the directories that could not go with them. */
async function purge(journal: Journal, host: Host): Promise<readonly string[]> {
  const undone = undoneGroups(journal);
  const stays = new Set(
    journal.groups
      .filter(({ id }) => undone.has(id))
      .flatMap(({ runtimes }) => runtimes.map((index) => `runtime-${index}`)),
  );
  const kept: string[] = [];
  for (const { path, type } of journal.purge) {
    if (path.split('/').some((name) => stays.has(name))) continue;
    const entry = await host.read(path);
    if (entry.type === 'absent' || (await host.read(parentOf(path))).type !== 'directory') continue;
    // A disk is no directory: what its owner has put in its place is his.
    const isDisk = type === 'data';
    if (isDisk && entry.type !== 'directory') await removeData(path, host);
    else if (!isDisk && entry.type === 'directory' && !(await host.removeDirectory(path)))
      kept.push(path);
  }
  return kept;
}

async function removeData(path: string, host: Host): Promise<void> {
  try {
    await host.remove(path);
  } catch (error) {
    throw new Error(`cannot delete ${path}: ${asError(error).message}`, { cause: error });
  }
}

/** Copies whose originals lie where they came from again. */
async function removeRestored(journal: Journal, host: Host): Promise<void> {
  for (const { restores } of doneChanges(journal)) {
    if (restores === undefined) continue;
    await removeIfThere(host, restores);
    let directory = restores.slice(0, restores.lastIndexOf('/'));
    while (directory.startsWith(host.layer.record.backups)) {
      if ((await host.read(directory)).type !== 'directory') break;
      if (!(await host.removeDirectory(directory))) break;
      directory = directory.slice(0, directory.lastIndexOf('/'));
    }
  }
}
