import { expect } from 'vitest';
import type { ConfigInput } from '../../src/core/config/config-input.gen.ts';
import { readInventory } from '../../src/core/hive/inventory/read-inventory.ts';
import type { Desired } from '../../src/core/resolve/desired.ts';
import { pathsIn } from './read-back-units.ts';
import {
  defaultOf,
  environmentAt,
  isConnected,
  memoryGib,
  PAGE_BYTES,
  type Paths,
  type Tree,
  textAt,
} from './said.ts';
import { readUnitFile, valuesOf } from './unit-file-grammar.ts';

const RECOVER = '/etc/systemd/system/vllmd-recover.service';
const RULES = '/etc/udev/rules.d/70-vllmd-vfio.rules';
const GRUB = '/etc/default/grub.d/vllmd.cfg';
const AGENT = '/etc/systemd/system/vllmd-hive-agent.service';
const environments = ['network', 'vfio', 'vfio-early', 'hugepages', 'hive-agent'];

/** What the files say that all runtimes share. */
export function hostRead(tree: Tree) {
  const present = environments.filter((name) => tree.has(`/etc/vllmd/${name}.env`));
  const claims = (tree.get(RULES) ?? '').matchAll(/^KERNEL=="(.*)\.\[0-7\]"/gm);
  return {
    ...Object.fromEntries(
      present.map((name) => [name, environmentAt(tree, `/etc/vllmd/${name}.env`)]),
    ),
    recover: valuesOf(readUnitFile(textAt(tree, RECOVER)), 'RequiresMountsFor').flatMap(pathsIn),
    claimed: [...claims].map(([, slot]) => slot),
    kernel: tree.get(GRUB)?.split('\n')[1],
    ...(tree.has(AGENT) ? { agent: agentRead(tree) } : {}),
  };
}

function agentRead(tree: Tree) {
  const unit = readUnitFile(textAt(tree, AGENT));
  const written = JSON.parse(textAt(tree, '/etc/vllmd/hive-inventory.json'));
  // As the agent reads it, to which nothing is new in it.
  expect(readInventory(written)).toEqual({ ok: true, value: written });
  const { host, services } = written;
  return {
    // The rest of the line as it is, but for specifiers.
    credentials: valuesOf(unit, 'LoadCredential').map((value) => value.replaceAll('%%', '%')),
    host,
    services: services.map(({ name, port }: Readonly<Record<string, unknown>>) => [name, port]),
  };
}

export function hostSaid(input: ConfigInput, desired: Desired, paths: Paths) {
  const gpus = (input.runtimes ?? [])
    .toSorted((a, b) => a.index - b.index)
    .flatMap((runtime) => runtime.gpus ?? []);
  const slots = [...new Set(gpus.map((gpu) => gpu.slice(0, -2)))].sort();
  return {
    ...networkSaid(input, desired),
    ...(gpus.length === 0 ? {} : vfioSaid(input, slots)),
    ...hugepagesSaid(input),
    ...agentSaid(input, gpus, paths),
    recover: ['/etc', '/var/lib/vllmd', paths.config, paths.state],
    claimed: slots,
    kernel: kernelSaid(input, gpus.length > 0),
  };
}

function networkSaid(input: ConfigInput, desired: Desired) {
  if (!isConnected(input)) return {};
  const { network = {} } = input;
  return {
    network: {
      VLLMD_NETWORK_MODE: network.mode ?? 'nat',
      VLLMD_NETWORK_BRIDGE: network.bridge_name ?? defaultOf('network', 'bridge_name'),
      VLLMD_NETWORK_UPLINK: network.default_interface ?? '',
      VLLMD_NETWORK_ADDRESS: desired.network.gateway,
      VLLMD_NETWORK_PREFIX_LENGTH: String(desired.network.prefixLength),
      VLLMD_NETWORK_SUBNET: network.subnet ?? desired.network.subnet,
    },
  };
}

function vfioSaid({ vfio = {}, global }: ConfigInput, slots: readonly string[]) {
  return {
    vfio: {
      VLLMD_VFIO_USER: global.user,
      VLLMD_VFIO_GROUP: global.user,
      VLLMD_VFIO_ON_RELEASE: vfio.on_release ?? defaultOf('vfio', 'on_release'),
      VLLMD_VFIO_ALLOW: (vfio.allow_group_members ?? []).join(' '),
    },
    'vfio-early': { VLLMD_VFIO_SLOTS: slots.join(' '), VLLMD_VFIO_ADDRESSES: '' },
  };
}

function hugepagesSaid(input: ConfigInput) {
  const pageBytes = PAGE_BYTES[input.memory?.hugepages ?? 'none'];
  if (pageBytes === 0) return {};
  const pages = pagesOf(input, pageBytes);
  return {
    hugepages: {
      VLLMD_HUGEPAGES_SIZE_KIB: String(pageBytes / 1024),
      VLLMD_HUGEPAGES_NODES: pages === 0 ? '' : `any=${pages}`,
    },
  };
}

function agentSaid({ hive }: ConfigInput, gpus: readonly string[], paths: Paths) {
  if (hive === undefined) return {};
  const { url, key_file, host_id = null, address = null, llama_config } = hive;
  const resources =
    gpus.length === 0 ? {} : { gpus: gpus.toSorted().map((id) => ({ gpu_id: id })) };
  return {
    'hive-agent': { VLLMD_HIVE_URL: url },
    agent: {
      credentials: key_file === undefined ? [] : [`hive-key:${paths.of(key_file)}`],
      host: { host_id, address, display_name: null, labels: {}, capabilities: {}, resources },
      // Those of guests listen on the loopback address of their guest alone.
      services: llama_config === '/srv/llama/one.toml' ? [['a-2.5', 8080]] : [],
    },
  };
}

function pagesOf(input: ConfigInput, pageBytes: number): number {
  const gib = (input.runtimes ?? []).reduce((sum, runtime) => sum + memoryGib(input, runtime), 0);
  return (gib * 2 ** 30) / pageBytes;
}

/** As a line of the shell; no file where there is nothing to say. */
function kernelSaid(input: ConfigInput, hasGpus: boolean): string | undefined {
  const isGigantic = input.memory?.hugepages === '1G';
  if (input.host?.kernel_cmdline !== 'grub' || !(hasGpus || isGigantic)) return undefined;
  const words = [
    ...(hasGpus ? ['intel_iommu=on', 'iommu=pt'] : []),
    ...(isGigantic ? ['hugepagesz=1G', `hugepages=${pagesOf(input, PAGE_BYTES['1G'])}`] : []),
  ];
  return `GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX ${words.join(' ')}"`;
}
