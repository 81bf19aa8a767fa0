import { createHash } from 'node:crypto';
import type { Entry } from '../../src/core/plan/observed.ts';
import { bootedText } from './booted.ts';
import type { Simulation } from './systemd.ts';
import { textOf } from './unit-files.ts';

type Entries = ReadonlyMap<string, Entry>;

/** A host as an operator would compare it: what lies on it, and what runs. */
export type Picture = {
  readonly entries: Entries;
  /** `active`, by unit. */
  readonly units: ReadonlyMap<string, string>;
};

const manifestPath = '/var/lib/vllmd/install/manifest.json';

export function pictureOf({ entries, units }: Simulation): Picture {
  return {
    entries: new Map([...entries].filter(([path]) => isCompared(path))),
    units: new Map(
      [...units]
        .filter(([, unit]) => unit.active !== 'inactive')
        .map(([name, unit]) => [name, unit.active]),
    ),
  };
}

/** vllmd's own notes are another matter, and so is what the next boot does away with. */
function isCompared(path: string): boolean {
  return !path.startsWith('/var/lib/vllmd/install') && !path.startsWith('/run/');
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
  for (const { key, values } of items([now, before, after])) {
    const [value, old, wanted] = values;
    const part = together.find((set) => set.includes(partOf(key)))?.join('+') ?? partOf(key);
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
    ...[...units]
      .filter((key) => key.startsWith('vllmd-runtime@'))
      .map((key) => ({ key, values: pictures.map(({ units: running }) => running.get(key)) })),
  ];
}

/** The runtime that a path or a unit is of. */
function partOf(key: string): string {
  return /runtime(?:-pre-start)?[-@](\d+)/.exec(key)?.[1] ?? 'shared';
}

/** What does not fit together on a host, whatever it was asked to be. */
export function contradictions({ entries, units, violations }: Simulation): readonly string[] {
  const found = [...violations];
  if (entries.has('/var/lib/vllmd/install/journal.json')) found.push('there is a journal');
  for (const [unit, { active }] of units) {
    const index = /^vllmd-runtime@(\d+)\.service$/.exec(unit)?.[1];
    if (index === undefined || active === 'inactive') continue;
    if (active !== 'active') found.push(`${unit} is ${active}`);
    else if (textOf(entries, `/run/vllmd/${index}/booted`) !== bootedText(entries, index)) {
      found.push(`${unit} runs from other files than are there now`);
    }
  }
  return [...found, ...manifestProblems(entries)];
}

type Recorded = {
  readonly files: readonly { readonly path: string; readonly sha256: string }[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  readonly dirs: readonly string[];
};

function manifestProblems(entries: Entries): readonly string[] {
  const text = textOf(entries, manifestPath);
  const { files, links, dirs }: Recorded =
    text === '' ? { files: [], links: [], dirs: [] } : JSON.parse(text);
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
