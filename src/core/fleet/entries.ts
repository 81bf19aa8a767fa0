import { below } from '../diagnostic.ts';
import { isJsonObject, type JsonObject, ownValue } from './json-value.ts';
import { entryNames, type Section, sections } from './shape.ts';
import type { CommandKey } from './template/contexts.ts';

/** A host, a backend or a model as it is written, whatever is wrong with it. */
export type Entry = {
  readonly section: Section;
  readonly pointer: string;
  /** undefined where it has none that is a text. */
  readonly id: string | undefined;
  readonly value: JsonObject;
};

export type Written<Value> = { readonly value: Value; readonly pointer: string };

/** Every entry that is an object, in the order of the sections. */
export function entriesOf(document: unknown): readonly Entry[] {
  if (!isJsonObject(document)) return [];
  return sections.flatMap((section) => {
    const list = ownValue(document, section);
    if (!Array.isArray(list)) return [];
    return list.flatMap((value: unknown, index) => {
      if (!isJsonObject(value)) return [];
      const id = ownValue(value, 'id');
      const pointer = `/${section}/${index}`;
      return [{ section, pointer, id: typeof id === 'string' ? id : undefined, value }];
    });
  });
}

/** The sections that are lists. */
export function listsOf(document: unknown): ReadonlySet<Section> {
  if (!isJsonObject(document)) return new Set();
  return new Set(sections.filter((section) => Array.isArray(ownValue(document, section))));
}

/** `host` and so on of a section. */
export function entryName({ section }: Pick<Entry, 'section'>): string {
  return entryNames[section];
}

/** What an entry has at a path of keys. */
export function valueAt(entry: Entry, ...path: readonly string[]): Written<unknown> {
  const found = path.reduce<unknown>(
    (value, key) => (isJsonObject(value) ? ownValue(value, key) : undefined),
    entry.value,
  );
  return { value: found, pointer: path.reduce(below, entry.pointer) };
}

export function textAt(entry: Entry, ...path: readonly string[]): Written<string> | undefined {
  const { value, pointer } = valueAt(entry, ...path);
  return typeof value === 'string' ? { value, pointer } : undefined;
}

export function numberAt(entry: Entry, ...path: readonly string[]): Written<number> | undefined {
  const { value, pointer } = valueAt(entry, ...path);
  return typeof value === 'number' ? { value, pointer } : undefined;
}

/** The texts of a list. */
export function textsAt(entry: Entry, ...path: readonly string[]): readonly Written<string>[] {
  const { value, pointer } = valueAt(entry, ...path);
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown, index) =>
    typeof item === 'string' ? [{ value: item, pointer: `${pointer}/${index}` }] : [],
  );
}

export type CommandText = Written<string> & {
  readonly key: CommandKey;
  readonly isRequired: boolean;
};

type CommandPlace = {
  readonly path: readonly string[];
  readonly key: CommandKey;
  readonly isRequired: boolean;
};

const commandPlaces: Readonly<Record<Section, readonly CommandPlace[]>> = {
  hosts: [
    { path: ['health'], key: 'check_cmd', isRequired: true },
    { path: ['model_control'], key: 'stop_cmd', isRequired: true },
    { path: ['model_control'], key: 'cleanup_cmd', isRequired: false },
  ],
  backends: [
    { path: [], key: 'apply_cmd', isRequired: false },
    { path: [], key: 'verify_cmd', isRequired: false },
    { path: [], key: 'rollback_cmd', isRequired: false },
  ],
  models: [
    { path: ['launch'], key: 'start_cmd', isRequired: true },
    { path: ['launch'], key: 'probe_cmd', isRequired: true },
  ],
};

/** The commands of an entry. */
export function commandsOf(entry: Entry): readonly CommandText[] {
  return commandPlaces[entry.section].flatMap(({ path, key, isRequired }) => {
    const text = textAt(entry, ...path, key);
    return text === undefined ? [] : [{ ...text, key, isRequired }];
  });
}
