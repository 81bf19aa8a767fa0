import { showValue } from '../config/show-value.ts';
import { visible } from '../control-characters.ts';
import { keyPath, type Position } from '../diagnostic.ts';
import { pointerOf, type Source } from '../explain/tidy.ts';
import type { Origin } from '../explain/variable.ts';
import { placeFrame } from './diagnostics-human.ts';
import type { Style } from './style.ts';

/** The config that an explanation points into. */
export type ConfigPlaces = {
  /** As the user named it. */
  readonly file: string;
  /** Without what is sensitive. */
  readonly text: string;
  /** By JSON pointer. */
  readonly positions: ReadonlyMap<string, Position>;
};

/** Short, for a column: `runtimes[0].cpus`, `host: NUMA node 0`. */
export function originLabel(origin: Origin): string {
  switch (origin.kind) {
    case 'config':
      return visible(keyPath(origin.pointer));
    case 'default':
      return `${keyPath(origin.pointer)} (default)`;
    case 'unset':
      return keyPath(origin.pointer);
    case 'every':
      return `runtimes[*].${origin.key}`;
    case 'host':
      return visible(`host: ${origin.name}`);
  }
  return origin satisfies never;
}

/** For where its place is told beside it. */
export function plainLabel(origin: Origin): string {
  return origin.kind === 'default' ? keyPath(origin.pointer) : originLabel(origin);
}

/** Where the value is from, in one line. */
export function originPlace(origin: Origin, places: ConfigPlaces): string {
  switch (origin.kind) {
    case 'config':
      return placeOf(origin.pointer, places);
    case 'default':
      return `not set; the default is ${shownDefault(origin.value)}`;
    case 'unset':
      return 'not set';
    case 'every': {
      const [first] = origin.written;
      return first === undefined ? 'set in none' : `${placeOf(first, places)} and the others`;
    }
    case 'host':
      return visible(`${origin.what} (${origin.where})`);
  }
  return origin satisfies never;
}

/** The same with the excerpt of the config, where it is written there. */
export function originFrame(origin: Origin, places: ConfigPlaces, style: Style): readonly string[] {
  const label = style.bold(plainLabel(origin));
  const at = origin.kind === 'every' ? origin.written[0] : pointerOf(origin);
  const position = at === undefined ? undefined : places.positions.get(at);
  if (origin.kind === 'host') return [`from the host: ${originPlace(origin, places)}`];
  if (position === undefined) return [`from ${label}: ${originPlace(origin, places)}`];
  const note = origin.kind === 'every' ? ', of all runtimes together' : '';
  return [`from ${label}${note}`, ...placeFrame(position, places, style)];
}

function placeOf(pointer: string, { file, positions }: ConfigPlaces): string {
  const position = positions.get(pointer);
  const name = visible(file);
  return position === undefined ? name : `${name}:${position.line}:${position.column}`;
}

function shownDefault(value: unknown): string {
  return Array.isArray(value) ? `[${value.map(showValue).join(', ')}]` : showValue(value);
}

/** Pointers of an explanation that are written in the config. */
export function pointersOf(origins: readonly Origin[]): readonly string[] {
  return origins.flatMap((origin) => {
    if (origin.kind === 'every') return origin.written.slice(0, 1);
    return origin.kind === 'config' ? [origin.pointer] : [];
  });
}

export type SourceGroups = {
  /** A small step of one of these changes the line. */
  readonly near: readonly Origin[];
  /** Only another value altogether does. */
  readonly far: readonly Origin[];
  /** What the config does not set. */
  readonly unset: readonly Origin[];
};

/** Where nothing is near, a threshold is all there is to say. */
export function groupsOf(sources: readonly Source[]): SourceGroups {
  const set = sources.filter(({ origin }) => origin.kind !== 'unset');
  const near = set.filter(({ reach }) => reach === 'near');
  const origins = (list: readonly Source[]) => list.map(({ origin }) => origin);
  return {
    near: origins(near.length === 0 ? set : near),
    far: origins(near.length === 0 ? [] : set.filter(({ reach }) => reach === 'far')),
    unset: origins(sources.filter(({ origin }) => origin.kind === 'unset')),
  };
}

const MOST_ALIKE = 3;

/** Labels of origins; many runtimes with the same key are one: `runtimes[*].index`. */
export function labelsOf(origins: readonly Origin[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const origin of origins) {
    const folded = foldedLabel(origin);
    counts.set(folded, (counts.get(folded) ?? 0) + 1);
  }
  const labels = origins.map((origin) => {
    const folded = foldedLabel(origin);
    const count = counts.get(folded) ?? 0;
    return count > MOST_ALIKE ? folded : originLabel(origin);
  });
  return [...new Set(labels)];
}

function foldedLabel(origin: Origin): string {
  return folded(originLabel(origin));
}

/** What many runtimes, or many devices, have in common. */
export function folded(text: string): string {
  return text
    .replace(/^runtimes\[\d+\]/, 'runtimes[*]')
    .replaceAll(/[\da-f]{4,8}:[\da-f]{2}:[\da-f]{2}\.[0-7]/g, '*');
}
