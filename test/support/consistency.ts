import { createHash } from 'node:crypto';
import type { Entry } from '../../src/core/plan/observed.ts';
import { hostLayer, type Layer } from '../../src/core/resolve/layer.ts';
import { bootedText } from './booted.ts';
import type { Simulation } from './systemd.ts';
import { readDefinition, sourcesOf, textOf } from './unit-files.ts';

type Entries = ReadonlyMap<string, Entry>;

/** A host as an operator would compare it: what lies on it, and what runs. */
export type Picture = {
  readonly entries: Entries;
  /** `active`, by unit, and what those run from that are started anew when their files change. */
  readonly units: ReadonlyMap<string, string>;
};

export function pictureOf({ entries, units }: Simulation): Picture {
  return {
    entries: new Map([...entries].filter(([path]) => isCompared(path))),
    units: new Map(
      [...units]
        .filter(([name, unit]) => unit.active !== 'inactive' && !isApart(name))
        .map(([name, { active, from }]) => [name, `${active} ${origin(name, from, entries)}`]),
    ),
  };
}

/** The target comes last: where its own start fails, which is told, everything else stays. A timer is a note. */
function isApart(unit: string): boolean {
  return unit === 'vllmd.target' || unit === 'vllmd-llama.target' || unit === 'vllmd-confirm.timer';
}

/** What a unit runs from, in one word or text: '' where it stays as it is when its files change. */
function origin(unit: string, from: string, entries: Entries): string {
  const index = indexOf(unit);
  if (index !== undefined) return textOf(entries, bootedPath(index));
  return follows(unit) ? from : '';
}

/**
 * Whether an install restarts or reloads it when its files change. The target and the slice only hold others together, and
 * vfio-early has done its work when the host has booted. A runtime says itself what it was booted from.
 */
function follows(unit: string): boolean {
  return /^vllmd-(network|hugepages|vfio@.*|runtime-pre-start@.*|llama@.*)\.service$/.test(unit);
}

/** vllmd's own notes are another matter, and so is what the next boot does away with. */
function isCompared(path: string): boolean {
  return !/^\/(var\/lib\/vllmd\/(install|llama)|run\/)/.test(path);
}

/** The same text for hosts on which every command does the same. */
export function fingerprint({ entries, units, loaded, violations }: Simulation): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify(violations));
  for (const [path, entry] of [...entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\n${JSON.stringify(entry)}\n`);
  }
  for (const [name, unit] of [...units].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\n${JSON.stringify(unit)}\n`);
  }
  for (const [name, definition] of [...loaded].sort(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${name}\n${JSON.stringify(definition)}\n`);
  }
  return hash.digest('hex');
}

/** What is neither wholly as before nor wholly as afterwards, in words. */
export function mixtures(
  now: Picture,
  [before, after]: readonly [Picture, Picture],
  together: readonly (readonly string[])[],
): readonly string[] {
  const parts = new Map<string, { key: string; isOld: boolean; isNew: boolean }[]>();
  const ownerOf = owners([before, after]);
  for (const { key, values } of items([now, before, after])) {
    const [value, old, wanted] = values;
    const own = ownerOf(key) ?? partOf(key);
    const part = together.find((set) => set.includes(own))?.join('+') ?? own;
    const isChanged = old !== wanted || value !== old;
    if (!isChanged) continue;
    const list = parts.get(part) ?? [];
    parts.set(part, [...list, { key, isOld: value === old, isNew: value === wanted }]);
  }
  return [...parts].flatMap(([part, list]) => {
    if (list.every(({ isOld }) => isOld) || list.every(({ isNew }) => isNew)) return [];
    const old = list.filter(({ isNew }) => !isNew).map(({ key }) => key);
    const wanted = list.filter(({ isOld }) => !isOld).map(({ key }) => key);
    return [`${part}: not new: ${old.join(' ')}; not old: ${wanted.join(' ')}`];
  });
}

/** Paths and units with what they are in each picture. */
function items(pictures: readonly Picture[]) {
  const paths = new Set(pictures.flatMap(({ entries }) => [...entries.keys()]));
  const units = new Set(pictures.flatMap(({ units: running }) => [...running.keys()]));
  return [
    ...[...paths].map((key) => ({
      key,
      values: pictures.map(({ entries }) => JSON.stringify(entries.get(key))),
    })),
    ...[...units].map((key) => ({
      key,
      values: pictures.map(({ units: running }) => running.get(key)),
    })),
  ];
}

/** The runtime that has the GPU that a unit binds, before or afterwards. */
function owners(pictures: readonly Picture[]): (unit: string) => string | undefined {
  const texts = pictures.flatMap(({ entries }) =>
    [...entries.keys()].flatMap((path) => {
      const index = /^\/etc\/vllmd\/runtime-(\d+)\.env$/.exec(path)?.[1];
      return index === undefined ? [] : [{ index, text: textOf(entries, path) }];
    }),
  );
  return (unit) => {
    const gpu = /^vllmd-vfio@(.*)\.service$/.exec(unit)?.[1];
    return gpu === undefined ? undefined : texts.find(({ text }) => text.includes(gpu))?.index;
  };
}

/** The runtime or the instance that a path or a unit is of. */
function partOf(key: string): string {
  const instance = /(?:vllmd-llama@|\/llama\/)([\w-]+)\./.exec(key)?.[1];
  return instance ?? /runtime(?:-pre-start)?[-@](\d+)/.exec(key)?.[1] ?? 'shared';
}

/** What does not fit together on a host, whatever it was asked to be. */
export function contradictions(
  machine: Simulation,
  { record }: Layer = hostLayer,
): readonly string[] {
  const { entries, units, violations } = machine;
  const hasJournal = entries.has(record.journal);
  return [
    ...violations,
    ...(hasJournal ? ['there is a journal'] : []),
    ...[...units].flatMap(([unit, state]) => unitProblem(unit, state, entries) ?? []),
    ...manifestProblems(entries, record),
  ];
}

type UnitState = Simulation['units'] extends ReadonlyMap<string, infer State> ? State : never;

function unitProblem(
  unit: string,
  { active, from }: UnitState,
  entries: Entries,
): string | undefined {
  const index = indexOf(unit);
  if (active === 'inactive' || (index === undefined && !follows(unit))) return undefined;
  if (active !== 'active') return `${unit} is ${active}`;
  const isCurrent =
    index === undefined
      ? from === sourcesOf(entries, readDefinition(entries, unit))
      : textOf(entries, bootedPath(index)) === bootedText(entries, index);
  return isCurrent ? undefined : `${unit} runs from other files than are there now`;
}

function indexOf(unit: string): string | undefined {
  return /^vllmd-runtime@(\d+)\.service$/.exec(unit)?.[1];
}

function bootedPath(index: string): string {
  return `/run/vllmd/${index}/booted`;
}

type Recorded = {
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  readonly dirs: readonly string[];
  readonly generation: number;
};

function manifestProblems(entries: Entries, record: Layer['record']): readonly string[] {
  const text = textOf(entries, record.manifest);
  const { files, links, dirs, generation }: Recorded =
    text === '' ? { files: [], links: [], dirs: [], generation: 0 } : JSON.parse(text);
  const kept = `${record.generations}/${generation}.json`;
  const own = new Set([...files, ...links].map(({ path }) => path));
  const unknown = [...entries]
    .filter(([path, { type }]) => type !== 'directory' && isCompared(path) && looksLikeOurs(path))
    .filter(([path]) => !own.has(path));
  const others = [
    ...files.filter(({ path, sha256 }) => digestAt(entries, path) !== sha256),
    ...links.filter(({ path, target }) => targetAt(entries, path) !== target),
    ...dirs.filter((path) => entries.get(path)?.type !== 'directory').map((path) => ({ path })),
  ];
  return [
    ...others.map(({ path }) => `recorded otherwise: ${path}`),
    ...unknown.map(([path]) => `not recorded: ${path}`),
    ...(generation === 0 || entries.has(kept) ? [] : [`generation ${generation} is not kept`]),
  ];
}

function digestAt(entries: Entries, path: string): string | undefined {
  const entry = entries.get(path);
  if (entry?.type !== 'file') return undefined;
  return createHash('sha256').update(entry.text).digest('hex');
}

function targetAt(entries: Entries, path: string): string | undefined {
  const entry = entries.get(path);
  return entry?.type === 'link' ? entry.target : undefined;
}

function looksLikeOurs(path: string): boolean {
  // A disk is the guest's.
  return (
    /^\/(etc\/.*vllmd|home\/.*runtime-\d)/.test(path) && !/\/(disk\.raw|seed\.img)$/.test(path)
  );
}
