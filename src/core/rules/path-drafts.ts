import { arrayOf, entryOf, type TomlTree } from '../config/toml-tree.ts';
import { pointer } from '../diagnostic.ts';

/** A path as the config has it. */
export type PathDraft = {
  readonly pointer: string;
  readonly path: string;
  readonly leadsTo: 'directory' | 'file';
  /** It becomes part of an option of cloud-hypervisor or of a unit, where other characters have a meaning. */
  readonly isPlain: boolean;
  /** It may be relative to the directory of the config. */
  readonly mayBeRelative: boolean;
};

const DIRECTORIES: readonly string[] = ['state_dir', 'config_dir'];
const FILES: Readonly<Record<string, readonly string[]>> = {
  boot: ['firmware', 'kernel', 'initramfs'],
  storage: ['base_image'],
  guest: ['user_data'],
  hive: ['key_file'],
};
const FILES_OF_RUNTIME = ['base_image', 'firmware', 'kernel', 'initramfs'];

/** Every path of a config. */
export function pathDrafts(tree: TomlTree): readonly PathDraft[] {
  return [
    ...pathsIn(entryOf(tree, 'global'), '/global', DIRECTORIES, 'directory'),
    ...Object.entries(FILES).flatMap(([table, keys]) =>
      pathsIn(entryOf(tree, table), pointer(table), keys, 'file'),
    ),
    ...arrayOf(entryOf(tree, 'runtimes')).flatMap((runtime, at) => [
      ...pathsIn(runtime, pointer('runtimes', at), FILES_OF_RUNTIME, 'file'),
      ...readOnly(entryOf(runtime, 'llama'), pointer('runtimes', at, 'llama'), 'config'),
    ]),
    ...readOnly(entryOf(tree, 'hive'), '/hive', 'llama_config'),
  ];
}

/** A file that is read, and part of nothing that is written. */
function readOnly(table: unknown, at: string, key: string): readonly PathDraft[] {
  return pathsIn(table, at, [key], 'file').map((draft) => ({
    ...draft,
    isPlain: false,
    mayBeRelative: true,
  }));
}

function pathsIn(
  table: unknown,
  at: string,
  keys: readonly string[],
  leadsTo: PathDraft['leadsTo'],
): readonly PathDraft[] {
  return keys.flatMap((key) => {
    const path = entryOf(table, key);
    if (typeof path !== 'string') return [];
    const isPlain = leadsTo === 'file';
    return [{ pointer: at + pointer(key), path, leadsTo, isPlain, mayBeRelative: false }];
  });
}
