import type { Materials } from '../render/materials.ts';
import { effectOf } from './effect.ts';
import { type Findings, noFindings, note } from './findings.ts';
import { linesOf, rendererFor, type Scope, scopeOf, type TextArtefact } from './scope.ts';
import type { Steps } from './steps.ts';
import { type Source, tidy } from './tidy.ts';
import type { Origin, Variable } from './variable.ts';

type LineExplanation = {
  readonly number: number;
  readonly text: string;
  /** None: fixed text, the same for all configs and hosts. */
  readonly sources: readonly Source[];
};

export type FileExplanation = {
  readonly artefact: TextArtefact;
  readonly lines: readonly LineExplanation[];
  /** What is not there because these are as they are, by the number of the line it would follow; 0 is the start. */
  readonly missing: readonly { readonly after: number; readonly sources: readonly Source[] }[];
  /** Without these as they are it would not be there. None: it always is. */
  readonly exists: readonly Origin[];
  /** With others of these it would lie elsewhere. */
  readonly named: readonly Origin[];
};

/**
 * What each line of these files depends on: that which, if it were another value, would make another line. Gives way after
 * each value that was tried.
 */
export function* explainFiles(
  targets: readonly TextArtefact[],
  materials: Materials,
  variables: readonly Variable[],
): Steps<readonly FileExplanation[]> {
  const scopes = new Map(targets.map((target) => [scopeKey(scopeOf(target)), scopeOf(target)]));
  const found = new Map(targets.map(({ path }) => [path, noFindings()]));
  const isWanted = (path: string) => found.has(path);
  for (const scope of scopes.values()) {
    const textsOf = rendererFor(scope, materials);
    const base = textsOf(materials);
    for (const { origin, variants } of variables) {
      for (const { materials: other, reach, isRemoval } of variants()) {
        const effect = effectOf(base, textsOf(other), isRemoval, isWanted);
        note(found, { origin, reach }, effect);
      }
      yield;
    }
  }
  return targets.map((artefact) => explanationOf(artefact, found.get(artefact.path), materials));
}

function scopeKey(scope: Scope): string {
  return scope.kind === 'runtime' ? String(scope.index) : scope.kind;
}

function explanationOf(
  artefact: TextArtefact,
  { changed, added, gone, moved }: Findings = noFindings(),
  { input }: Materials,
): FileExplanation {
  const counts = lineCounts(changed);
  // What decides about few lines says more about each than what decides about many.
  const sourcesOf = (sources: ReadonlyMap<Origin, Source> = new Map()) =>
    tidy(
      [...sources.values()].toSorted(
        (a, b) => (counts.get(a.origin) ?? 0) - (counts.get(b.origin) ?? 0),
      ),
      input,
    );
  const originsOf = (sources: ReadonlyMap<Origin, Source>) =>
    sourcesOf(sources).map(({ origin }) => origin);
  return {
    artefact,
    lines: linesOf(artefact).map((text, at) => ({
      number: at + 1,
      text,
      sources: sourcesOf(changed.get(at + 1)),
    })),
    missing: [...added.keys()]
      .toSorted((a, b) => a - b)
      .map((after) => ({ after, sources: sourcesOf(added.get(after)) })),
    exists: originsOf(gone),
    named: originsOf(moved),
  };
}

function lineCounts(lines: Findings['changed']): ReadonlyMap<Origin, number> {
  const counts = new Map<Origin, number>();
  for (const { origin, reach } of [...lines.values()].flatMap((all) => [...all.values()])) {
    if (reach === 'near') counts.set(origin, (counts.get(origin) ?? 0) + 1);
  }
  return counts;
}
