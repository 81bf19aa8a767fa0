import type { ConfigInput } from '../config/config-input.gen.ts';
import { pointer } from '../diagnostic.ts';
import {
  cidrOf,
  hostAddress,
  macAddress,
  macAddressOfHost,
  machineUuid,
  subnetFor,
} from './addresses.ts';
import { defaults } from './defaults.ts';
import type {
  Account,
  Desired,
  DesiredGuest,
  DesiredHive,
  DesiredMemory,
  DesiredNetwork,
  DesiredRuntime,
  DesiredVfio,
} from './desired.ts';
import { resolvePayload } from './payload.ts';
import { path, type Resolving, type RuntimeInput } from './resolving.ts';

/**
 * Defaults and paths, once. `account` is the one of `global.user`: `$HOME` is never root's. `isWanted` leaves runtimes out;
 * the others are as they would be with them.
 */
export function resolve(
  input: ConfigInput,
  account: Account,
  machineId: string,
  isWanted: (index: number, source: string) => boolean = () => true,
): Desired {
  const runtimes = input.runtimes ?? [];
  const subnet = subnetFor(
    runtimes.map((runtime) => runtime.index),
    input.network?.subnet,
  );
  const context = { input, account, machineId, subnet };
  return {
    account,
    configDir: path(input.global.config_dir ?? defaults.configDir, account),
    stateDir: path(input.global.state_dir ?? defaults.stateDir, account),
    guest: resolveGuest(context),
    memory: resolveMemory(input),
    vfio: resolveVfio(input),
    network: resolveNetwork(context),
    kernelCommandLine: input.host?.kernel_cmdline ?? defaults.kernelCommandLine,
    hive: resolveHive(context),
    runtimes: runtimes
      .flatMap((runtime, position) =>
        isWanted(runtime.index, pointer('runtimes', position))
          ? [resolveRuntime(runtime, position, context)]
          : [],
      )
      .sort((a, b) => a.index - b.index),
  };
}

function resolveGuest({ input, account }: Resolving): DesiredGuest {
  const guest = input.guest ?? {};
  return {
    user: guest.user ?? '',
    sshAuthorizedKeys: guest.ssh_authorized_keys ?? [],
    packages: guest.packages ?? [],
    userData: guest.user_data === undefined ? '' : path(guest.user_data, account),
  };
}

const hugepageBytes = { none: 0, '2M': 2 ** 21, '1G': 2 ** 30 } as const;

function resolveMemory({ memory = {} }: ConfigInput): DesiredMemory {
  return {
    hugepageBytes: hugepageBytes[memory.hugepages ?? defaults.hugepages],
    numa: memory.numa ?? defaults.numa,
    prefault: memory.prefault ?? false,
    shared: memory.shared ?? false,
  };
}

function resolveVfio({ vfio = {} }: ConfigInput): DesiredVfio {
  return {
    onRelease: vfio.on_release ?? defaults.onRelease,
    allowGroupMembers: vfio.allow_group_members ?? [],
    identityLock: vfio.identity_lock ?? defaults.identityLock,
  };
}

function resolveNetwork({ input, subnet }: Resolving): DesiredNetwork {
  const network = input.network ?? {};
  return {
    mode: network.mode ?? defaults.networkMode,
    bridge: network.bridge_name ?? defaults.bridgeName,
    uplink: network.default_interface ?? '',
    gateway: hostAddress(subnet, 1),
    prefixLength: subnet.prefixLength,
    subnet: cidrOf(subnet),
    nameServers: network.name_servers ?? defaults.nameServers,
  };
}

function resolveHive({ input: { hive }, account }: Resolving): DesiredHive {
  return {
    url: hive?.url ?? '',
    keyFile: hive?.key_file === undefined ? '' : path(hive.key_file, account),
    hostId: hive?.host_id ?? '',
    address: hive?.address ?? '',
    llamaConfig: hive?.llama_config ?? '',
  };
}

function resolveRuntime(
  runtime: RuntimeInput,
  position: number,
  context: Resolving,
): DesiredRuntime {
  const { input, account } = context;
  const { index } = runtime;
  const cpus = runtime.cpus ?? input.global.default_cpus ?? defaults.cpus;
  const hostnamePrefix = input.guest?.hostname_prefix ?? defaults.hostnamePrefix;
  return {
    index,
    name: runtime.name,
    gpus: runtime.gpus ?? [],
    gpuP2p: runtime.gpu_p2p ?? false,
    memoryGib: runtime.memory_gb ?? input.global.default_memory_gb ?? defaults.memoryGib,
    cpus,
    payload: resolvePayload(runtime, context),
    baseImage: path(runtime.base_image ?? input.storage?.base_image ?? defaults.baseImage, account),
    diskBytes: (runtime.disk_gb ?? input.storage?.disk_gb ?? defaults.diskGib) * 2 ** 30,
    ...resolveInterface(runtime, context),
    networkQueues: 2 * Math.min(cpus, 4),
    hostname: `${hostnamePrefix}${index}`,
    uuid: machineUuid(context.machineId, index),
    autostart: runtime.autostart ?? defaults.autostart,
    restart: runtime.restart ?? defaults.restart,
    preventRemoval: runtime.prevent_removal ?? false,
    llamaConfig: runtime.llama?.config ?? '',
    source: pointer('runtimes', position),
  };
}

/** Without a network there is no tap; on a foreign bridge its DHCP gives the address. */
function resolveInterface(
  { index, mac }: RuntimeInput,
  { input, machineId, subnet }: Resolving,
): Pick<DesiredRuntime, 'tap' | 'mac' | 'address'> {
  const mode = input.network?.mode ?? defaults.networkMode;
  const own = mode === 'bridge' ? macAddressOfHost(machineId, index) : macAddress(index);
  return {
    tap: mode === 'none' ? '' : `vllmd-tap${index}`,
    mac: mac ?? own,
    address: mode === 'nat' ? hostAddress(subnet, index + 1) : '',
  };
}
