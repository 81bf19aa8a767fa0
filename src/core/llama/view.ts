import { entryOf, isScalar, isTable, type TomlTree } from '../config/toml-tree.ts';
import { pointer, pointerSegments } from '../diagnostic.ts';
import { llamaKeys } from './llama-keys.gen.ts';
import { isNumberText } from './number-text.ts';
import { optionName } from './server-table.ts';

/** A tree as the schema validator takes it, and where in the file a pointer into it is. */
export type View = { readonly tree: unknown; readonly place: (at: string) => string };

const KNOWN: ReadonlySet<string> = new Set(llamaKeys.server);

/** In server tables `ctx-size` is `ctx_size`, and a float is a number but where the schema wants a whole one. */
export function viewOf(tree: TomlTree): View {
  const instance = entryOf(tree, 'instance');
  if (!isTable(instance)) return { tree, place: (at) => at };
  const renamed = new Map<string, string>();
  const changed = new Map<string, unknown>();
  for (const name of Object.keys(instance)) {
    const table = viewOfTable(name, instance[name], renamed);
    if (table !== instance[name]) changed.set(name, table);
  }
  if (changed.size === 0) return { tree, place: (at) => at };
  const tables = Object.entries(instance).map(([name, table]) => [
    name,
    changed.has(name) ? changed.get(name) : table,
  ]);
  return {
    tree: { ...tree, instance: Object.fromEntries(tables) },
    place: (at) => placeOf(at, renamed),
  };
}

/** The very same table where nothing of it differs. */
function viewOfTable(name: string, table: unknown, renamed: Map<string, string>): unknown {
  if (name === 'server') return serverView(table, '/instance/server', renamed);
  if (name === 'control' || !isTable(table) || !Object.hasOwn(table, 'server')) return table;
  if (isAsSchema(table['server'])) return table;
  const server = serverView(table['server'], pointer('instance', name, 'server'), renamed);
  return server === table['server'] ? table : { ...table, server };
}

function serverView(table: unknown, at: string, renamed: Map<string, string>): unknown {
  if (!isTable(table) || isAsSchema(table)) return table;
  return Object.fromEntries(
    Object.entries(table).map(([key, value]) => {
      const spelled = optionName(key).replaceAll('-', '_');
      const name = KNOWN.has(spelled) ? spelled : key;
      if (name !== key) renamed.set(at + pointer(name), at + pointer(key));
      return [name, KNOWN.has(name) ? value : numbersOf(value)];
    }),
  );
}

/** Nothing of it is written in another way than the schema has it. */
function isAsSchema(table: unknown): boolean {
  if (!isTable(table)) return true;
  for (const key of Object.keys(table)) {
    const value = table[key];
    if (typeof value === 'object' || isScalar(value) || key.includes('-')) return false;
  }
  return true;
}

function numbersOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(numbersOf);
  if (!isScalar(value)) return value;
  const { kind, text } = value();
  return kind !== 'date' && isNumberText(text) ? Number(text) : value;
}

function placeOf(at: string, renamed: ReadonlyMap<string, string>): string {
  if (renamed.size === 0) return at;
  const segments = pointerSegments(at);
  for (let length = segments.length; length > 0; length -= 1) {
    const place = renamed.get(pointer(...segments.slice(0, length)));
    if (place !== undefined) return place + pointer(...segments.slice(length));
  }
  return at;
}
