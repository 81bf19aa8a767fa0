import { VllmdError } from '../../core/failure.ts';
import { parseManifest } from '../../core/plan/manifest.ts';
import { ancestors } from '../../core/render/parents.ts';
import { type Generation, parseGeneration } from '../../core/transaction/generation.ts';
import { type Journal, parseJournal } from '../../core/transaction/journal.ts';
import type { Host, HostReader } from '../host.ts';
import { mustBeRootOnly, readRecord } from '../record.ts';
import { parentOf } from '../ways.ts';

export const privateFile = { mode: 0o600, uid: 0, gid: 0 };

/** Makes the directories above a path of the record; from its own on they are root's alone. */
export async function makeParents(host: Host, path: string): Promise<void> {
  await mustBeRootOnly(host, parentOf(path));
  const { dir } = host.layer.record;
  for (const directory of ancestors(path)) {
    const isPrivate = directory === dir || directory.startsWith(`${dir}/`);
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
  return saveRecord(host, host.layer.record.journal, journal);
}

/** What keeps a journal from being used, in one sentence. */
export type Damage = { readonly damage: string };

/** 'hidden': only root can see whether there is one. */
export async function readJournal(host: HostReader): Promise<Journal | Damage | 'none' | 'hidden'> {
  const path = host.layer.record.journal;
  const entry = await readRecord(host, path);
  if (entry.type === 'absent') return 'none';
  if (entry.type === 'hidden') return 'hidden';
  const journal = entry.type === 'file' ? parseJournal(entry.text, host.layer) : 'is not a file';
  return typeof journal === 'string' ? { damage: `${path} ${journal}` } : journal;
}

export function generationPath({ layer }: HostReader, generation: number): string {
  return `${layer.record.generations}/${generation}.json`;
}

/** The numbers of the generations that are kept, oldest first. */
export async function listGenerations(host: HostReader): Promise<readonly number[]> {
  const { generations } = host.layer.record;
  await mustBeRootOnly(host, generations);
  const names = (await host.list(generations)) ?? [];
  return names
    .filter((name) => /^\d+\.json$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
}

export async function readGeneration(
  host: HostReader,
  generation: number,
): Promise<Generation | undefined> {
  const path = generationPath(host, generation);
  const entry = await readRecord(host, path);
  if (entry.type !== 'file') return undefined;
  const parsed = parseGeneration(entry.text, host.layer);
  if (typeof parsed !== 'string') return parsed;
  const help = `\`sudo ${host.layer.command} history\` lists the others`;
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
    await host.remove(generationPath(host, generation));
  }
  const { failed: directory } = host.layer.record;
  const failed = ((await host.list(directory)) ?? []).filter((name) => /^\d+$/.test(name));
  for (const name of failed
    .map(Number)
    .sort((a, b) => a - b)
    .slice(0, -KEPT)) {
    await removeTree(host, `${directory}/${name}`);
  }
}

/** Directories of the record that nothing is in any more. Those that stay are returned: no install depends on them. */
export async function removeEmptyRecord(host: Host): Promise<readonly string[]> {
  const { dir } = host.layer.record;
  for (const path of [dir, parentOf(dir)]) {
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
  const entry = await readRecord(host, generationPath(host, generation));
  const parsed = entry.type === 'file' ? parseGeneration(entry.text, host.layer) : '';
  return typeof parsed === 'string' ? undefined : parsed;
}

export async function isManifestWhole(host: HostReader): Promise<boolean> {
  const entry = await readRecord(host, host.layer.record.manifest);
  if (entry.type === 'absent') return true;
  return entry.type === 'file' && typeof parseManifest(entry.text, host.layer) !== 'string';
}
