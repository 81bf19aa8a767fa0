import type { Effect } from './effect.ts';
import type { Source } from './tidy.ts';
import type { Origin } from './variable.ts';

/** By origin: which is one object for all variants of a variable. */
type Sources = Map<Origin, Source>;

/** What was found about one file, by trying one value after the other. */
export type Findings = {
  /** By number of the line that changes or goes. */
  readonly changed: Map<number, Sources>;
  /** By number of the line behind which others come. */
  readonly added: Map<number, Sources>;
  readonly gone: Sources;
  readonly moved: Sources;
};

export function noFindings(): Findings {
  return { changed: new Map(), added: new Map(), gone: new Map(), moved: new Map() };
}

/** Notes what another value of `source` does to the files that are asked about. */
export function note(found: ReadonlyMap<string, Findings>, source: Source, effect: Effect): void {
  for (const [path, findings] of found) {
    for (const number of effect.changed.get(path) ?? []) addAt(findings.changed, number, source);
    for (const number of effect.added.get(path) ?? []) addAt(findings.added, number, source);
  }
  for (const path of effect.gone) add(found.get(path)?.gone, source);
  for (const path of effect.moved) add(found.get(path)?.moved, source);
}

function addAt(lines: Map<number, Sources>, number: number, source: Source): void {
  const sources = lines.get(number) ?? new Map();
  add(sources, source);
  lines.set(number, sources);
}

/** What a small step does counts before what only a large one does. */
function add(sources: Sources | undefined, source: Source): void {
  if (sources?.get(source.origin)?.reach !== 'near') sources?.set(source.origin, source);
}
