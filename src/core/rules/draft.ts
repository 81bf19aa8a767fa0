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
  readonly boot: PayloadDraft;
  readonly guest: GuestDraft;
  /** PCI addresses. */
  readonly allowedGroupMembers: ReadonlySet<string>;
  readonly network: NetworkDraft;
  readonly runtimes: readonly RuntimeDraft[];
};

/** What one table says of the start of a virtual machine. */
export type PayloadDraft = {
  readonly pointer: string;
} & { readonly [Key in PayloadKey]: string | undefined };

export type PayloadKey = 'firmware' | 'kernel' | 'initramfs' | 'cmdline';

type GuestDraft = {
  readonly hostnamePrefix: string | undefined;
  readonly sshAuthorizedKeys: readonly StringDraft[];
};

type NetworkDraft = {
  /** `nat` also where another word is no mode at all. */
  readonly mode: 'nat' | 'bridge' | 'none';
  readonly defaultInterface: string | undefined;
  readonly bridgeName: string | undefined;
  readonly subnet: string | undefined;
  readonly nameServers: readonly StringDraft[];
};

export type RuntimeDraft = {
  /** How a message calls it: `runtimes[0] ("first")`. */
  readonly label: string;
  readonly pointer: string;
  readonly index: number | undefined;
  readonly name: string | undefined;
  readonly mac: string | undefined;
  readonly payload: PayloadDraft;
  readonly gpus: readonly GpuDraft[];
};

export type StringDraft = { readonly pointer: string; readonly text: string };

export type GpuDraft = {
  readonly pointer: string;
  readonly address: string;
};

export function draftOf(tree: TomlTree): Draft {
  const global = entryOf(tree, 'global');
  const vfio = entryOf(tree, 'vfio');
  return {
    tree,
    user: text(global, 'user'),
    stateDir: text(global, 'state_dir'),
    configDir: text(global, 'config_dir'),
    boot: payloadDraft(entryOf(tree, 'boot'), '/boot'),
    guest: guestDraft(entryOf(tree, 'guest')),
    allowedGroupMembers: new Set(strings(vfio, '/vfio', 'allow_group_members').map(textOf)),
    network: networkDraft(entryOf(tree, 'network')),
    runtimes: arrayOf(entryOf(tree, 'runtimes')).map(runtimeDraft),
  };
}

function guestDraft(guest: unknown): GuestDraft {
  return {
    hostnamePrefix: text(guest, 'hostname_prefix'),
    sshAuthorizedKeys: strings(guest, '/guest', 'ssh_authorized_keys'),
  };
}

function networkDraft(network: unknown): NetworkDraft {
  const mode = text(network, 'mode');
  return {
    mode: mode === 'bridge' || mode === 'none' ? mode : 'nat',
    defaultInterface: text(network, 'default_interface'),
    bridgeName: text(network, 'bridge_name'),
    subnet: text(network, 'subnet'),
    nameServers: strings(network, '/network', 'name_servers'),
  };
}

function runtimeDraft(runtime: unknown, at: number): RuntimeDraft {
  const index = entryOf(runtime, 'index');
  const name = text(runtime, 'name');
  const place = pointer('runtimes', at);
  return {
    label: name === undefined ? `runtimes[${at}]` : `runtimes[${at}] (${quoted(name)})`,
    pointer: place,
    index: typeof index === 'number' ? index : undefined,
    name,
    mac: text(runtime, 'mac'),
    payload: payloadDraft(runtime, place),
    gpus: strings(runtime, place, 'gpus').flatMap((gpu) =>
      isPciAddress(gpu.text) ? [{ pointer: gpu.pointer, address: gpu.text }] : [],
    ),
  };
}

function payloadDraft(table: unknown, at: string): PayloadDraft {
  return {
    pointer: at,
    firmware: text(table, 'firmware'),
    kernel: text(table, 'kernel'),
    initramfs: text(table, 'initramfs'),
    cmdline: text(table, 'cmdline'),
  };
}

function strings(table: unknown, at: string, key: string): readonly StringDraft[] {
  return arrayOf(entryOf(table, key)).flatMap((item, position) =>
    typeof item === 'string' ? [{ pointer: at + pointer(key, position), text: item }] : [],
  );
}

function textOf(item: StringDraft): string {
  return item.text;
}

function text(table: unknown, key: string): string | undefined {
  const value = entryOf(table, key);
  return typeof value === 'string' ? value : undefined;
}
