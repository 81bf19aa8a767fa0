import type { Account } from '../resolve/desired.ts';
import { type Artefact, type DirectoryArtefact, ROOT } from './artefact.ts';

/** Adds the directories that lead to the artefacts: an account's own inside its home, root's elsewhere. */
export function withParents(
  artefacts: readonly Artefact[],
  account?: Account,
): readonly Artefact[] {
  const paths = new Set(artefacts.map((artefact) => artefact.path));
  const added: DirectoryArtefact[] = [];
  const known = new Set<string>();
  for (const artefact of artefacts) {
    for (const path of newAncestors(artefact.path, known)) {
      if (paths.has(path)) continue;
      paths.add(path);
      added.push({
        type: 'directory',
        path,
        mode: 0o755,
        owner:
          account !== undefined && path.startsWith(`${account.home}/`)
            ? { uid: account.uid, gid: account.gid, user: account.name, group: account.group }
            : ROOT,
        group: artefact.group,
        source: artefact.source,
      });
    }
  }
  return [...artefacts, ...added];
}

/** Upwards as far as the first one that is known, and so all above it; they are known from then on. */
function newAncestors(path: string, known: Set<string>): readonly string[] {
  const found: string[] = [];
  for (let at = above(path); at !== '' && !known.has(at); at = above(at)) {
    known.add(at);
    found.push(at);
  }
  return found.reverse();
}

function above(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}

/** `/a/b/c` → `/a`, `/a/b`. */
export function ancestors(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, position) => `/${parts.slice(0, position + 1).join('/')}`);
}
