import { isScalar, isTable } from '../config/toml-tree.ts';
import { below } from '../diagnostic.ts';
import { isNumberText } from './number-text.ts';
import { kindOf } from './shape.ts';
import type { ServerEntry, ServerScalar, ServerTable, Written } from './written.ts';

/** The key whose words are put on the command line as they are. */
const EXTRA_ARGS = 'extra-args';

/** What llama-server calls an option that is written with underscores or with dashes. */
export function optionName(key: string): string {
  return key.replaceAll('_', '-');
}

type KeyName = {
  readonly option: string;
  readonly flag: string;
  /** Its part of a pointer. */
  readonly segment: string;
};

/** Reads server tables. A thousand of them have the same few keys. */
export function serverTables(): (table: unknown, at: string) => ServerTable {
  const names = new Map<string, KeyName>();
  return (table, at) =>
    serverTable(table, at, (key) => {
      let name = names.get(key);
      if (name === undefined) {
        const option = optionName(key);
        name = { option, flag: `--${option}`, segment: below('', key) };
        names.set(key, name);
      }
      return name;
    });
}

/** The options of one table, in the order of its keys. `at` is its place. */
function serverTable(table: unknown, at: string, nameOf: (key: string) => KeyName): ServerTable {
  const entries: ServerEntry[] = [];
  const extraWords: Written<string>[] = [];
  if (!isTable(table)) return { entries, extraWords, shape: '' };
  let shape: string | undefined = '';
  for (const key of Object.keys(table)) {
    const value = table[key];
    const { option, flag, segment } = nameOf(key);
    const kind = kindOf(value);
    shape = shape === undefined || kind === undefined ? undefined : `${shape}${segment}${kind}`;
    const place = at + segment;
    const values = scalarsOf(value, place);
    if (option === EXTRA_ARGS) extraWords.push(...values.flatMap(wordOf));
    else if (values !== none) {
      entries.push({ option, flag, pointer: place, values, isList: Array.isArray(value) });
    }
  }
  return { entries, extraWords, shape };
}

const none: readonly Written<ServerScalar>[] = [];

function scalarsOf(value: unknown, at: string): readonly Written<ServerScalar>[] {
  if (!Array.isArray(value)) return isServerScalar(value) ? [{ value, pointer: at }] : none;
  return value.flatMap((item: unknown, index) =>
    isServerScalar(item) && typeof item !== 'boolean'
      ? [{ value: item, pointer: `${at}/${index}` }]
      : [],
  );
}

function isServerScalar(value: unknown): value is ServerScalar {
  if (isScalar(value)) return isNumberText(value().text);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

function wordOf({ value, pointer: at }: Written<ServerScalar>): readonly Written<string>[] {
  return typeof value === 'string' ? [{ value, pointer: at }] : [];
}

/** Puts the options of one instance and the defaults of all together. */
export type Merge = (own: ServerTable) => ServerTable;

/** A list adds to a list, anything else takes the place of what was there. */
export function mergeInto(defaults: ServerTable): Merge {
  const positions = new Map(defaults.entries.map(({ option }, at) => [option, at]));
  return (own) => {
    const entries = [...defaults.entries];
    for (const entry of own.entries) {
      const at = positions.get(entry.option);
      const before = at === undefined ? undefined : defaults.entries[at];
      // A key that is there already keeps its position.
      if (at === undefined || before === undefined) entries.push(entry);
      else entries[at] = added(before, entry);
    }
    const extraWords =
      own.extraWords.length === 0
        ? defaults.extraWords
        : [...defaults.extraWords, ...own.extraWords];
    return { entries, extraWords, shape: own.shape };
  };
}

function added(before: ServerEntry, entry: ServerEntry): ServerEntry {
  const isAdded = before.isList && entry.isList;
  return isAdded ? { ...entry, values: [...before.values, ...entry.values] } : entry;
}
