import { lineChanges } from './line-changes.ts';
import type { TextArtefact } from './scope.ts';

/** What another value does to the artefacts: by path as they are. */
export type Effect = {
  /** Numbers, from 1, of lines that change or go. */
  readonly changed: ReadonlyMap<string, readonly number[]>;
  /** Numbers of lines behind which others come. */
  readonly added: ReadonlyMap<string, readonly number[]>;
  readonly gone: readonly string[];
  /** They would have another path. */
  readonly moved: readonly string[];
  /** Paths that are not there now, and not for another one. */
  readonly come: readonly string[];
};

const noEffect: Effect = { changed: new Map(), added: new Map(), gone: [], moved: [], come: [] };

/** `isWanted`: whose lines are compared. */
export function effectOf(
  base: readonly TextArtefact[],
  variant: readonly TextArtefact[],
  isRemoval: boolean,
  isWanted: (path: string) => boolean = () => true,
): Effect {
  if (variant === base) return noEffect;
  const { pairs, gone, come } = paired(base, variant, isRemoval);
  const changed = new Map<string, readonly number[]>();
  const added = new Map<string, readonly number[]>();
  for (const [before, after] of pairs) {
    if (!isWanted(before.path)) continue;
    const changes = lineChanges(before, after);
    if (changes.changed.length > 0) changed.set(before.path, changes.changed);
    if (changes.added.length > 0) added.set(before.path, changes.added);
  }
  const moved = pairs.filter(([before, after]) => before.path !== after.path);
  return { changed, added, gone, moved: moved.map(([{ path }]) => path), come };
}

type Pair = readonly [TextArtefact, TextArtefact];

type Pairing = {
  readonly pairs: readonly Pair[];
  readonly gone: readonly string[];
  readonly come: readonly string[];
};

/** The same path, or else the same role in the same table of the config: it has moved. */
function paired(
  base: readonly TextArtefact[],
  variant: readonly TextArtefact[],
  isRemoval: boolean,
): Pairing {
  const byPath = new Map(variant.map((artefact) => [artefact.path, artefact]));
  const paths = new Set(base.map(({ path }) => path));
  const arrivals = variant.filter(({ path }) => !paths.has(path));
  const byRole = rolesOf(isRemoval ? [] : arrivals);
  const pairs: Pair[] = [];
  const gone: string[] = [];
  for (const [role, artefacts] of rolesOf(base.filter(({ path }) => !byPath.has(path)))) {
    const candidates = byRole.get(role) ?? [];
    // Of several that go and fewer that come, nobody can say which has become which.
    const isSure = candidates.length === artefacts.length;
    artefacts.forEach((before, at) => {
      const after = isSure ? candidates[at] : undefined;
      if (after === undefined) gone.push(before.path);
      else pairs.push([before, after]);
    });
  }
  const moved = new Set(pairs.map(([, after]) => after.path));
  for (const before of base) {
    const after = byPath.get(before.path);
    if (after !== undefined) pairs.push([before, after]);
  }
  return {
    pairs,
    gone,
    come: arrivals.map(({ path }) => path).filter((path) => !moved.has(path)),
  };
}

function rolesOf(artefacts: readonly TextArtefact[]): ReadonlyMap<string, readonly TextArtefact[]> {
  const roles = new Map<string, TextArtefact[]>();
  for (const artefact of artefacts) {
    const what = artefact.type === 'link' ? 'link' : (artefact.template ?? artefact.kind);
    // Two files of one runtime have the same text, one for the user and one for root.
    const isOfUser = artefact.type === 'file' && artefact.owner.gid !== 0;
    const role = `${what} ${isOfUser} ${artefact.source}`;
    roles.set(role, [...(roles.get(role) ?? []), artefact]);
  }
  return roles;
}
