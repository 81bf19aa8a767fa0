import { sha256 } from '../../core/plan/digest.ts';
import type { Manifest } from '../../core/plan/manifest.ts';
import {
  BACKUPS_DIR,
  FAILED_DIR,
  GENERATIONS_DIR,
  JOURNAL_PATH,
  MANIFEST_PATH,
} from '../../core/resolve/layout.ts';
import type { Generation } from '../../core/transaction/generation.ts';
import type { Journal } from '../../core/transaction/journal.ts';
import { isEmptyManifest, settledManifest } from '../../core/transaction/next-manifest.ts';
import type { Host } from '../host.ts';
import { arm, type ConfirmContext, savePending } from './confirm.ts';
import {
  generationPath,
  makeParents,
  privateFile,
  prune,
  readWholeGeneration,
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
  const keptByPurge = await purge(journal, host);
  const dirs = [...new Set([...journal.after.dirs, ...keptByPurge])].sort();
  const manifest: Manifest = { ...journal.after, dirs };
  const isEmpty = isEmptyManifest(manifest);
  if (isEmpty) await removeTree(host, GENERATIONS_DIR);
  else await saveGeneration(journal, manifest, host, context);
  await removeRestored(journal, host);
  if (isEmpty) await removeIfThere(host, MANIFEST_PATH);
  else await saveManifest(manifest, host);
  if (isEmpty) await removeTree(host, FAILED_DIR);
  else await prune(host);
  const isNew = manifest.generation > (journal.before?.generation ?? 0);
  const withinMs = isNew ? journal.confirmWithinMs : undefined;
  if (withinMs !== undefined) await savePending(withinMs, journal, host, context);
  // The journal goes after it: whoever is killed before has the timer set by the next run.
  const waiting =
    withinMs === undefined ? {} : await armed(withinMs, manifest.generation, host, context);
  await host.remove(JOURNAL_PATH);
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
    return { notArmed: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Writes it only where it says something else than before. */
export async function saveManifest(manifest: Manifest, host: Host): Promise<void> {
  const entry = await host.read(MANIFEST_PATH);
  const text = `${JSON.stringify(manifest)}\n`;
  if (entry.type === 'file' && entry.text === text) return;
  await saveRecord(host, MANIFEST_PATH, manifest);
}

function doneChanges(journal: Journal): Journal['changes'] {
  const undone = new Set(
    journal.groups.filter(({ state }) => state === 'undone').map(({ id }) => id),
  );
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
  const stays = new Set(
    journal.groups
      .filter(({ state }) => state === 'undone')
      .flatMap(({ runtimes }) => runtimes.map((index) => `runtime-${index}`)),
  );
  const kept: string[] = [];
  for (const { path, type } of journal.purge) {
    if (path.split('/').some((name) => stays.has(name))) continue;
    const entry = await host.read(path);
    if (entry.type === 'absent') continue;
    if (type === 'data') await host.remove(path);
    else if (entry.type === 'directory' && !(await host.removeDirectory(path))) kept.push(path);
  }
  return kept;
}

/** Copies whose originals lie where they came from again. */
async function removeRestored(journal: Journal, host: Host): Promise<void> {
  for (const { restores } of doneChanges(journal)) {
    if (restores === undefined) continue;
    await removeIfThere(host, restores);
    let directory = restores.slice(0, restores.lastIndexOf('/'));
    while (directory.startsWith(BACKUPS_DIR)) {
      if ((await host.read(directory)).type !== 'directory') break;
      if (!(await host.removeDirectory(directory))) break;
      directory = directory.slice(0, directory.lastIndexOf('/'));
    }
  }
}

/** Every text is taken from the host and belongs to what the record says of it. */
async function saveGeneration(
  journal: Journal,
  manifest: Manifest,
  host: Host,
  { now }: CommitContext,
): Promise<void> {
  const path = generationPath(manifest.generation);
  if (manifest.generation === 0 || (await host.read(path)).type !== 'absent') return;
  // Only texts of edits that are kept are looked up there: a damaged one is no reason to have no record.
  const older = await readWholeGeneration(host, journal.before?.generation ?? 0);
  const texts: Record<string, string> = {};
  for (const file of manifest.files) {
    const entry = await host.read(file.path);
    const isSame = entry.type === 'file' && sha256(entry.text) === file.sha256;
    // A file that the operator keeps as he has it is recorded as vllmd last wrote it.
    const text = isSame ? entry.text : older?.texts[file.sha256];
    if (text !== undefined) texts[file.sha256] = text;
  }
  const directories: Generation['directories'][number][] = [];
  for (const directory of manifest.dirs) {
    const entry = await host.read(directory);
    if (entry.type !== 'directory') continue;
    const { mode, uid, gid } = entry;
    directories.push({ path: directory, mode, uid, gid });
  }
  const generation: Generation = {
    schema: 1,
    operation: journal.operation,
    at: new Date(now()).toISOString(),
    manifest,
    directories,
    texts,
    changed: changedRuntimes(journal),
  };
  await saveRecord(host, path, generation);
}

function changedRuntimes(journal: Journal): readonly number[] {
  const good = journal.groups.filter(({ state }) => state !== 'undone');
  return good.flatMap(({ runtimes }) => runtimes).toSorted((a, b) => a - b);
}

/** What a runtime that did not start was started from, and what it said. */
export async function saveFailed(
  journal: Journal,
  {
    group,
    said,
    isFirst,
  }: { readonly group: number; readonly said: string; readonly isFirst: boolean },
  host: Host,
): Promise<string> {
  const directory = `${FAILED_DIR}/${journal.after.generation}`;
  // An earlier attempt at this generation has left its own here.
  if (isFirst) await removeTree(host, directory);
  for (const { path, after } of journal.changes.filter((change) => change.group === group)) {
    if (after.type !== 'file') continue;
    await makeParents(host, `${directory}${path}`);
    await host.write(`${directory}${path}`, after.text, privateFile);
  }
  await makeParents(host, `${directory}/journal-${group}.txt`);
  await host.write(`${directory}/journal-${group}.txt`, said, privateFile);
  return directory;
}
