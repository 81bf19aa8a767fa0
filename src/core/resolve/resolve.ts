import type { ConfigInput } from '../config/config-input.gen.ts';
import { expandPath } from '../config/expand-path.ts';
import { pointer } from '../diagnostic.ts';
import { gatewayAddress, guestAddress, macAddress, subnetFor } from './addresses.ts';
import { defaults, fixed } from './defaults.ts';
import type { Account, Desired, DesiredNetwork, DesiredRuntime } from './desired.ts';

type RuntimeInput = NonNullable<ConfigInput['runtimes']>[number];

/** Defaults and paths, once. `account` is the one of `global.user`: `$HOME` is never root's. */
export function resolve(input: ConfigInput, account: Account): Desired {
  const runtimes = input.runtimes ?? [];
  return {
    account,
    configDir: directory(input.global.config_dir ?? defaults.configDir, account),
    stateDir: directory(input.global.state_dir ?? defaults.stateDir, account),
    firmware: fixed.firmware,
    baseImage: fixed.baseImage,
    diskBytes: fixed.diskBytes,
    network: resolveNetwork(input),
    runtimes: runtimes
      .map((runtime, position) => resolveRuntime(runtime, position, input.global))
      .sort((a, b) => a.index - b.index),
  };
}

function resolveNetwork(input: ConfigInput): DesiredNetwork {
  const subnet = subnetFor((input.runtimes ?? []).map((runtime) => runtime.index));
  return {
    bridge: input.network?.bridge_name ?? defaults.bridgeName,
    uplink: input.network?.default_interface ?? '',
    gateway: gatewayAddress,
    prefixLength: subnet.prefixLength,
    subnet: subnet.cidr,
    nameServers: fixed.nameServers,
  };
}

function resolveRuntime(
  runtime: RuntimeInput,
  position: number,
  global: ConfigInput['global'],
): DesiredRuntime {
  const cpus = runtime.cpus ?? global.default_cpus ?? defaults.cpus;
  return {
    index: runtime.index,
    name: runtime.name,
    gpus: runtime.gpus ?? [],
    memoryGib: runtime.memory_gb ?? global.default_memory_gb ?? defaults.memoryGib,
    cpus,
    tap: `vllmd-tap${runtime.index}`,
    mac: macAddress(runtime.index),
    address: guestAddress(runtime.index),
    networkQueues: 2 * Math.min(cpus, 4),
    source: pointer('runtimes', position),
  };
}

/** `//a//b/` and `/a/b` are one directory. */
function directory(text: string, account: Account): string {
  const expanded = expandPath(text, {
    home: account.home,
    user: account.name,
    xdgConfigHome: `${account.home}/.config`,
    xdgStateHome: `${account.home}/.local/state`,
  });
  const parts = expanded.split('/').filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`;
}
