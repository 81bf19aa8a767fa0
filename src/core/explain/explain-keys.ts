import { pointerSegments } from '../diagnostic.ts';
import type { Materials } from '../render/materials.ts';
import { effectOf } from './effect.ts';
import { type Findings, noFindings, note } from './findings.ts';
import { linesOf, rendererFor, type TextArtefact } from './scope.ts';
import type { Steps } from './steps.ts';
import { pointerOf } from './tidy.ts';
import type { Origin, Reach, Variable } from './variable.ts';

export type ReachedFile = {
  readonly artefact: TextArtefact;
  readonly lines: readonly ReachedLine[];
  /** Numbers of lines behind which other values put more; 0 is the start. */
  readonly missing: readonly number[];
  /** With another value it would not be there. */
  readonly exists: boolean;
  /** With another value it would lie elsewhere. */
  readonly named: boolean;
};

export type ReachedLine = {
  readonly number: number;
  readonly text: string;
  readonly reach: Reach;
};

export type KeyExplanation = {
  readonly origin: Origin;
  readonly files: readonly ReachedFile[];
  /** Paths that the other values would make; only where they can all be named. */
  readonly come: readonly string[];
};

/** Everything that the values at and below a pointer reach; the items of a list count for it, unless one is asked for. */
export function* explainKeys(
  asked: string,
  materials: Materials,
  variables: readonly Variable[],
): Steps<readonly KeyExplanation[]> {
  const textsOf = rendererFor({ kind: 'all' }, materials);
  const base = textsOf(materials);
  const wanted = variables.filter(({ origin }) => isAt(pointerOf(origin), asked));
  const heads = wanted.filter(({ origin }) => {
    const own = pointerOf(origin) ?? '';
    return own === asked || !isItem(own);
  });
  const keys: KeyExplanation[] = [];
  for (const head of heads) {
    const own = pointerOf(head.origin) ?? '';
    // A table is its keys, which follow by themselves; what it makes by being there is its own.
    const parts = wanted.filter(({ origin }) => {
      const part = pointerOf(origin) ?? '';
      return part === own || (isItem(part) && part.startsWith(`${own}/`) && !isTable(own));
    });
    keys.push({ origin: head.origin, ...reached(base, parts, textsOf) });
    yield;
  }
  return keys;
}

function isAt(own: string | undefined, asked: string): boolean {
  if (own === undefined) return false;
  // Of all runtimes only what each of them makes: their keys would be the whole config.
  if (asked === '/runtimes') return isTable(own);
  return own === asked || own.startsWith(`${asked}/`);
}

/** `/runtimes/0` */
function isTable(own: string): boolean {
  return /^\/runtimes\/\d+$/.test(own);
}

/** `/runtimes/0/gpus/1`, `/guest/packages/0` */
function isItem(own: string): boolean {
  const segments = pointerSegments(own);
  return segments.length > 2 && /^\d+$/.test(segments.at(-1) ?? '') && !isTable(own);
}

type Reached = { readonly files: readonly ReachedFile[]; readonly come: readonly string[] };

function reached(
  base: readonly TextArtefact[],
  variables: readonly Variable[],
  textsOf: (materials: Materials) => readonly TextArtefact[],
): Reached {
  const found = new Map(base.map(({ path }) => [path, noFindings()]));
  const come = new Set<string>();
  const origin: Origin = { kind: 'unset', pointer: '' };
  for (const { isChoice = false, variants } of variables) {
    for (const { materials, reach, isRemoval } of variants()) {
      const effect = effectOf(base, textsOf(materials), isRemoval);
      note(found, { origin, reach }, effect);
      for (const path of isChoice ? effect.come : []) come.add(path);
    }
  }
  const files = base.flatMap((artefact) => {
    const own = found.get(artefact.path);
    return own === undefined || isUntouched(own) ? [] : [reachedFile(artefact, own)];
  });
  return {
    files: files.toSorted((a, b) => (a.artefact.path < b.artefact.path ? -1 : 1)),
    come: [...come].sort(),
  };
}

function isUntouched({ changed, added, gone, moved }: Findings): boolean {
  return changed.size + added.size + gone.size + moved.size === 0;
}

function reachedFile(artefact: TextArtefact, findings: Findings): ReachedFile {
  const { changed, added, gone, moved } = findings;
  return {
    artefact,
    lines: linesOf(artefact).flatMap((text, at) => {
      const [source] = [...(changed.get(at + 1)?.values() ?? [])];
      return source === undefined ? [] : [{ number: at + 1, text, reach: source.reach }];
    }),
    missing: [...added.keys()].sort((a, b) => a - b),
    exists: gone.size > 0,
    named: moved.size > 0,
  };
}
