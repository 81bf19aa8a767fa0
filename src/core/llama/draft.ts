import { entryOf, isTable, type TomlTree } from '../config/toml-tree.ts';
import { below } from '../diagnostic.ts';
import { type ControlTable, controlTable } from './control-table.ts';
import { mergeInto, serverTables } from './server-table.ts';
import type { ServerTable } from './written.ts';

/** The parts of a file that are well formed, so that rules can run beside schema errors. */
export type LlamaDraft = {
  readonly isEnabled: boolean;
  readonly executable: string | undefined;
  /** In the order of the file, also those that are switched off. */
  readonly instances: readonly InstanceDraft[];
};

export type InstanceDraft = ServerTable & {
  readonly name: string;
  /** Of its table. */
  readonly pointer: string;
  /** With the defaults of all instances, as all that follows. */
  readonly control: ControlTable;
};

/** Keys below `[instance]` that are no names of instances. */
const DEFAULTS = ['control', 'server'];

/** `names` are those of the instances in the order of the file, where an object does not keep it. */
export function draftOf(tree: TomlTree, names?: readonly string[]): LlamaDraft {
  const master = entryOf(tree, 'master');
  const executable = entryOf(master, 'llama_cpp_path');
  const instance = entryOf(tree, 'instance');
  const serverTable = serverTables();
  const defaults = {
    control: controlTable(entryOf(instance, 'control'), '/instance/control'),
    merge: mergeInto(serverTable(entryOf(instance, 'server'), '/instance/server')),
  };
  return {
    isEnabled: entryOf(master, 'enable') !== false,
    executable: typeof executable === 'string' && executable !== '' ? executable : undefined,
    instances: (names ?? instanceNames(tree)).flatMap((name) => {
      const table = entryOf(instance, name);
      if (!isTable(table) || hasOtherTables(table)) return [];
      const at = below('/instance', name);
      const own = serverTable(entryOf(table, 'server'), `${at}/server`);
      const { entries, extraWords, shape } = defaults.merge(own);
      const control = ownControl(defaults.control, entryOf(table, 'control'), at);
      return { name, pointer: at, control, entries, extraWords, shape };
    }),
  };
}

/** Most instances have no table of their own. */
function ownControl(defaults: ControlTable, table: unknown, at: string): ControlTable {
  return table === undefined ? defaults : { ...defaults, ...controlTable(table, `${at}/control`) };
}

export function instanceNames(tree: TomlTree): readonly string[] {
  const instance = entryOf(tree, 'instance');
  return isTable(instance) ? Object.keys(instance).filter((key) => !DEFAULTS.includes(key)) : [];
}

/** The name of an instance with a dot in it that is not in quotes makes a table within another one. */
function hasOtherTables(table: object): boolean {
  return Object.keys(table).some((key) => !DEFAULTS.includes(key) && isTable(entryOf(table, key)));
}

export function enabledInstances({ isEnabled, instances }: LlamaDraft): readonly InstanceDraft[] {
  return isEnabled ? instances.filter(({ control }) => control.enabled?.value !== false) : [];
}
