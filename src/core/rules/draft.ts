import { isPciAddress } from '../config/pci-address.ts';
import { quoted } from '../config/show-value.ts';
import { arrayOf, entryOf, type TomlTree } from '../config/toml-tree.ts';
import { pointer } from '../diagnostic.ts';

/** The parts of a config that are well formed, so that rules can run beside schema errors. */
export type Draft = {
  readonly tree: TomlTree;
  readonly user: string | undefined;
  readonly stateDir: string | undefined;
  readonly configDir: string | undefined;
  readonly defaultInterface: string | undefined;
  readonly bridgeName: string | undefined;
  readonly runtimes: readonly RuntimeDraft[];
};

export type RuntimeDraft = {
  /** How a message calls it: `runtimes[0] ("first")`. */
  readonly label: string;
  readonly pointer: string;
  readonly index: number | undefined;
  readonly name: string | undefined;
  readonly gpus: readonly GpuDraft[];
};

export type GpuDraft = {
  readonly pointer: string;
  readonly address: string;
};

export function draftOf(tree: TomlTree): Draft {
  const global = entryOf(tree, 'global');
  const network = entryOf(tree, 'network');
  return {
    tree,
    user: text(entryOf(global, 'user')),
    stateDir: text(entryOf(global, 'state_dir')),
    configDir: text(entryOf(global, 'config_dir')),
    defaultInterface: text(entryOf(network, 'default_interface')),
    bridgeName: text(entryOf(network, 'bridge_name')),
    runtimes: arrayOf(entryOf(tree, 'runtimes')).map(runtimeDraft),
  };
}

function runtimeDraft(runtime: unknown, at: number): RuntimeDraft {
  const index = entryOf(runtime, 'index');
  const name = text(entryOf(runtime, 'name'));
  return {
    label: name === undefined ? `runtimes[${at}]` : `runtimes[${at}] (${quoted(name)})`,
    pointer: pointer('runtimes', at),
    index: typeof index === 'number' ? index : undefined,
    name,
    gpus: arrayOf(entryOf(runtime, 'gpus')).flatMap((gpu, position) =>
      typeof gpu === 'string' && isPciAddress(gpu)
        ? [{ pointer: pointer('runtimes', at, 'gpus', position), address: gpu }]
        : [],
    ),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
