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
    // Many lie beside each other.
    const parent = artefact.path.slice(0, artefact.path.lastIndexOf('/'));
    if (known.has(parent)) continue;
    known.add(parent);
    for (const path of ancestors(artefact.path)) {
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

/** `/a/b/c` → `/a`, `/a/b`. */
export function ancestors(path: string): readonly string[] {
  const parts = path.split('/').slice(1, -1);
  return parts.map((_, position) => `/${parts.slice(0, position + 1).join('/')}`);
}
