import { isScalar, isTable } from '../config/toml-tree.ts';
import { pointer } from '../diagnostic.ts';
import type { ServerEntry, ServerScalar, ServerTable, Written } from './written.ts';

/** The key whose words are put on the command line as they are. */
const EXTRA_ARGS = 'extra-args';

/** What llama-server calls an option that is written with underscores or with dashes. */
export function optionName(key: string): string {
  return key.replaceAll('_', '-');
}

/** The options of one table, in the order of its keys. `at` is its place. */
export function serverTable(table: unknown, at: string): ServerTable {
  const entries: ServerEntry[] = [];
  const extraWords: Written<string>[] = [];
  if (!isTable(table)) return { entries, extraWords };
  for (const [key, value] of Object.entries(table)) {
    const option = optionName(key);
    const place = at + pointer(key);
    const values = scalarsOf(value, place);
    if (option === EXTRA_ARGS) extraWords.push(...values.flatMap(wordOf));
    else if (values !== none) {
      entries.push({ option, pointer: place, values, isList: Array.isArray(value) });
    }
  }
  return { entries, extraWords };
}

const none: readonly Written<ServerScalar>[] = [];

function scalarsOf(value: unknown, at: string): readonly Written<ServerScalar>[] {
  if (!Array.isArray(value)) return isServerScalar(value) ? [{ value, pointer: at }] : none;
  return value.flatMap((item: unknown, index) =>
    isServerScalar(item) && typeof item !== 'boolean'
      ? [{ value: item, pointer: at + pointer(index) }]
      : [],
  );
}

function isServerScalar(value: unknown): value is ServerScalar {
  if (isScalar(value)) return isNumberText(value().text);
  return ['string', 'number', 'boolean'].includes(typeof value);
}

/** No date, and no number that is infinite, none, or too long to be one. */
export function isNumberText(text: string): boolean {
  return /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/.test(text);
}

function wordOf({ value, pointer: at }: Written<ServerScalar>): readonly Written<string>[] {
  return typeof value === 'string' ? [{ value, pointer: at }] : [];
}

/** The defaults of all instances with those of one: a list adds to a list, anything else takes the place of what was there. */
export function mergedTables(defaults: ServerTable, own: ServerTable): ServerTable {
  const entries = new Map(defaults.entries.map((entry) => [entry.option, entry]));
  for (const entry of own.entries) {
    const before = entries.get(entry.option);
    const isAdded = before?.isList === true && entry.isList;
    // A key that is there already keeps its position.
    entries.set(
      entry.option,
      isAdded ? { ...entry, values: [...before.values, ...entry.values] } : entry,
    );
  }
  return {
    entries: [...entries.values()],
    extraWords: [...defaults.extraWords, ...own.extraWords],
  };
}
