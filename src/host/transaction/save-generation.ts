import { sha256 } from '../../core/plan/digest.ts';
import type { Manifest } from '../../core/plan/manifest.ts';
import { byMember, type Member } from '../../core/resolve/member.ts';
import type { Generation } from '../../core/transaction/generation.ts';
import { type Journal, undoneGroups } from '../../core/transaction/journal.ts';
import type { Host } from '../host.ts';
import { generationPath, readWholeGeneration, saveRecord } from './store.ts';

/** Writes the generation that a transaction has made, if it has made one. */
export async function saveGeneration(
  journal: Journal,
  manifest: Manifest,
  host: Host,
  now: () => number,
): Promise<void> {
  const { generation: number } = manifest;
  const there = await readWholeGeneration(host, number);
  // An install whose journal was put aside may have left another one under this number.
  const isNew = number !== (journal.before?.generation ?? 0);
  const isThere = there !== undefined && !(isNew && isOther(there.manifest, manifest));
  if (number === 0 || isThere) return;
  const generation: Generation = {
    schema: 1,
    operation: journal.operation,
    at: new Date(now()).toISOString(),
    manifest,
    directories: await directoriesOf(manifest, host),
    texts: await textsOf(manifest, journal, host),
    changed: changedMembers(journal),
  };
  await saveRecord(host, generationPath(host, number), generation);
}

function isOther(a: Manifest, b: Manifest): boolean {
  return JSON.stringify(a) !== JSON.stringify(b);
}

async function directoriesOf({ dirs }: Manifest, host: Host): Promise<Generation['directories']> {
  const directories: Generation['directories'][number][] = [];
  for (const path of dirs) {
    const entry = await host.read(path);
    if (entry.type !== 'directory') continue;
    const { mode, uid, gid } = entry;
    directories.push({ path, mode, uid, gid });
  }
  return directories;
}

/** Each belongs to what the record says of it, also where somebody has edited the file since it was written. */
async function textsOf(
  { files }: Manifest,
  journal: Journal,
  host: Host,
): Promise<Generation['texts']> {
  // Only texts of edits that are kept are looked up there: a damaged one is no reason to have no record.
  const older = await readWholeGeneration(host, journal.before?.generation ?? 0);
  const known = new Map([...Object.entries(older?.texts ?? {}), ...writtenTexts(journal)]);
  const texts: Record<string, string> = {};
  for (const file of files) {
    const entry = await host.read(file.path);
    const isSame = entry.type === 'file' && sha256(entry.text) === file.sha256;
    const text = isSame ? entry.text : known.get(file.sha256);
    if (text !== undefined) texts[file.sha256] = text;
  }
  return texts;
}

function writtenTexts(journal: Journal): readonly (readonly [string, string])[] {
  const undone = undoneGroups(journal);
  return journal.changes.flatMap(({ group, after }) =>
    after.type === 'file' && !undone.has(group) ? [[sha256(after.text), after.text] as const] : [],
  );
}

function changedMembers(journal: Journal): readonly Member[] {
  const undone = undoneGroups(journal);
  return journal.groups
    .filter(({ id }) => !undone.has(id))
    .flatMap(({ runtimes }) => runtimes)
    .toSorted(byMember);
}
