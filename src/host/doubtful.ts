import { sameMetadata } from '../core/plan/compare-file.ts';
import type { Entry } from '../core/plan/observed.ts';
import { ownNames } from '../core/plan/own-directories.ts';
import type { Artefact, DirectoryArtefact } from '../core/render/artefact.ts';
import type { HostReader } from './host.ts';
import { parentOf } from './ways.ts';

/**
 * Directories that are not as they shall be, and that root does not put right: who can write the directory above may
 * have moved one of somebody else's there, so as to be given it.
 */
export async function findDoubtful(
  host: HostReader,
  artefacts: readonly Artefact[],
  entries: ReadonlyMap<string, Entry>,
): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const artefact of artefacts) {
    const entry = entries.get(artefact.path);
    if (artefact.type !== 'directory' || entry?.type !== 'directory') continue;
    if (sameMetadata(artefact, entry)) continue;
    if (await isDoubtful(artefact, entry.uid, host)) found.add(artefact.path);
  }
  return found;
}

async function isDoubtful(
  { path, owner }: DirectoryArtefact,
  uid: number,
  host: HostReader,
): Promise<boolean> {
  if ((await host.exposure(parentOf(path))) === undefined) return false;
  if (uid !== owner.uid) return true;
  // To another group or with another mode, what is in it could be read.
  const own = ownNames(path);
  return uid === 0 && !((await host.list(path)) ?? []).every((name) => own.includes(name));
}
