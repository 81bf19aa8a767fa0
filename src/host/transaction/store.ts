import { VllmdError } from '../../core/failure.ts';
import { parseManifest } from '../../core/plan/manifest.ts';
import { ancestors } from '../../core/render/parents.ts';
import {
  FAILED_DIR,
  GENERATIONS_DIR,
  INSTALL_DIR,
  JOURNAL_PATH,
  MANIFEST_PATH,
} from '../../core/resolve/layout.ts';
import { type Generation, parseGeneration } from '../../core/transaction/generation.ts';
import { type Journal, parseJournal } from '../../core/transaction/journal.ts';
import type { Host, HostReader } from '../host.ts';
import { mustBeRootOnly, readRecord } from '../record.ts';
import { parentOf } from '../ways.ts';

export const privateFile = { mode: 0o600, uid: 0, gid: 0 };

/** Makes the directories above a path of the record; from INSTALL_DIR on they are root's alone. */
export async function makeParents(host: Host, path: string): Promise<void> {
  await mustBeRootOnly(host, parentOf(path));
  for (const directory of ancestors(path)) {
    const isPrivate = directory === INSTALL_DIR || directory.startsWith(`${INSTALL_DIR}/`);
    const wanted = { mode: isPrivate ? 0o700 : 0o755, uid: 0, gid: 0 };
    const entry = await host.read(directory);
    if (entry.type === 'absent') await host.mkdir(directory, wanted);
    // Somebody has made it before, or opened it up: what lies in it holds secrets.
    else if (isPrivate && entry.type === 'directory' && entry.mode !== wanted.mode) {
      await host.setMetadata(directory, wanted, { uid: entry.uid });
    }
  }
}

export async function saveRecord(host: Host, path: string, value: object): Promise<void> {
  await makeParents(host, path);
  await host.write(path, `${JSON.stringify(value)}\n`, privateFile);
}

export function saveJournal(host: Host, journal: Journal): Promise<void> {
  return saveRecord(host, JOURNAL_PATH, journal);
}

/** What keeps a journal from being used, in one sentence. */
export type Damage = { readonly damage: string };

/** 'hidden': only root can see whether there is one. */
export async function readJournal(host: HostReader): Promise<Journal | Damage | 'none' | 'hidden'> {
  const entry = await readRecord(host, JOURNAL_PATH);
  if (entry.type === 'absent') return 'none';
  if (entry.type === 'hidden') return 'hidden';
  const journal = entry.type === 'file' ? parseJournal(entry.text) : 'is not a file';
  return typeof journal === 'string' ? { damage: `${JOURNAL_PATH} ${journal}` } : journal;
}

export function generationPath(generation: number): string {
  return `${GENERATIONS_DIR}/${generation}.json`;
}

/** The numbers of the generations that are kept, oldest first. */
export async function listGenerations(host: HostReader): Promise<readonly number[]> {
  await mustBeRootOnly(host, GENERATIONS_DIR);
  const names = (await host.list(GENERATIONS_DIR)) ?? [];
  return names
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

export async function readGeneration(
  host: HostReader,
  generation: number,
): Promise<Generation | undefined> {
  const path = generationPath(generation);
  const entry = await readRecord(host, path);
  if (entry.type !== 'file') return undefined;
  const parsed = parseGeneration(entry.text);
  if (typeof parsed !== 'string') return parsed;
  const help = '`sudo vllmd history` lists the others';
  throw new VllmdError('unexpected', `${path} ${parsed}`, help);
}

/** A file that may be gone already. */
export async function removeIfThere(host: Host, path: string): Promise<void> {
  if ((await host.read(path)).type !== 'absent') await host.remove(path);
}

/** A directory of the record with all that is in it. Links in it are removed and not followed. */
export async function removeTree(host: Host, path: string): Promise<void> {
  const entry = await host.read(path);
  if (entry.type === 'absent') return;
  if (entry.type !== 'directory') return host.remove(path);
  for (const name of (await host.list(path)) ?? []) await removeTree(host, `${path}/${name}`);
  await host.removeDirectory(path);
}

const KEPT = 10;

/** Keeps the last ten generations, and the last ten records of what did not start. */
export async function prune(host: Host): Promise<void> {
  for (const generation of (await listGenerations(host)).slice(0, -KEPT)) {
    await host.remove(generationPath(generation));
  }
  const failed = ((await host.list(FAILED_DIR)) ?? []).filter((name) => /^\d+$/.test(name));
  for (const name of failed
    .map(Number)
    .sort((a, b) => a - b)
    .slice(0, -KEPT)) {
    await removeTree(host, `${FAILED_DIR}/${name}`);
  }
}

/** Directories of the record that nothing is in any more. Those that stay are returned: no install depends on them. */
export async function removeEmptyRecord(host: Host): Promise<readonly string[]> {
  for (const path of [INSTALL_DIR, parentOf(INSTALL_DIR)]) {
    try {
      if ((await host.read(path)).type !== 'directory') continue;
      if (!(await host.removeDirectory(path))) return [];
    } catch {
      return [path];
    }
  }
  return [];
}

/** The newest generation that is whole, where the record that is in use is damaged. */
export async function newestRecord(host: HostReader): Promise<Generation | undefined> {
  for (const generation of (await listGenerations(host)).toReversed()) {
    const found = await readWholeGeneration(host, generation);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Undefined also where it is damaged: for those who can do without it. */
export async function readWholeGeneration(
  host: HostReader,
  generation: number,
): Promise<Generation | undefined> {
  const entry = await readRecord(host, generationPath(generation));
  const parsed = entry.type === 'file' ? parseGeneration(entry.text) : '';
  return typeof parsed === 'string' ? undefined : parsed;
}

export async function isManifestWhole(host: HostReader): Promise<boolean> {
  const entry = await readRecord(host, MANIFEST_PATH);
  if (entry.type === 'absent') return true;
  return entry.type === 'file' && typeof parseManifest(entry.text) !== 'string';
}
