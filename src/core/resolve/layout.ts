/** Where things live on a host. Every path that vllmd writes has its name here. */
export const UNIT_DIR = '/etc/systemd/system';
export const ETC_DIR = '/etc/vllmd';
export const LIBEXEC_DIR = `${ETC_DIR}/libexec`;
/** Whom the nodes of GPUs belong to. */
export const VFIO_ENV = `${ETC_DIR}/vfio.env`;
/** What one GPU was when it was taken, and which driver had it. */
export function vfioDeviceEnv(address: string): string {
  return `${ETC_DIR}/vfio-${address}.env`;
}
export const NETWORK_ENV = `${ETC_DIR}/network.env`;
export const GRUB_CONFIG = '/etc/default/grub.d/vllmd.cfg';
export const INSTALL_DIR = '/var/lib/vllmd/install';
export const LLAMA_ETC_DIR = `${ETC_DIR}/llama`;
/** The record of llama.cpp instances, which come and go apart from the runtimes of the host. */
export const LLAMA_RECORD_DIR = '/var/lib/vllmd/llama';
export const RUN_DIR = '/run/vllmd';
export const LOCK_PATH = `${RUN_DIR}/install.lock`;
/** There from boot until an interrupted install has been finished or undone; no runtime starts meanwhile. */
export const UNRECOVERED_PATH = `${RUN_DIR}/unrecovered`;
/** The same of llama.cpp instances. */
export const LLAMA_UNRECOVERED_PATH = `${RUN_DIR}/llama-unrecovered`;
export const STAGE_DIR = `${RUN_DIR}/stage`;
export const IMAGE_DIR = '/var/lib/vllmd/images';

export const SLICE_UNIT = 'vllmd.slice';
export const TARGET_UNIT = 'vllmd.target';
export const NETWORK_UNIT = 'vllmd-network.service';
export const HUGEPAGES_UNIT = 'vllmd-hugepages.service';
export const RECOVER_UNIT = 'vllmd-recover.service';
export const VFIO_EARLY_UNIT = 'vllmd-vfio-early.service';

export const HIVE_AGENT_UNIT = 'vllmd-hive-agent.service';
export const HIVE_AGENT_ENV = `${ETC_DIR}/hive-agent.env`;
/** What the registry is told of this host. */
export const HIVE_INVENTORY = `${ETC_DIR}/hive-inventory.json`;

export const LLAMA_SLICE_UNIT = 'vllmd-llama.slice';
export const LLAMA_TARGET_UNIT = 'vllmd-llama.target';
export const LLAMA_RECOVER_UNIT = 'vllmd-llama-recover.service';

export function runtimeUnit(index: number): string {
  return `vllmd-runtime@${index}.service`;
}

/** Names of instances need no escaping. */
export function llamaUnit(name: string): string {
  return `vllmd-llama@${name}.service`;
}

export function preStartUnit(index: number): string {
  return `vllmd-runtime-pre-start@${index}.service`;
}

/** A PCI address needs no escaping in an instance name. */
export function vfioUnit(address: string): string {
  return `vllmd-vfio@${address}.service`;
}

/** The texts that a running runtime was started from; see the libexec script `booted`. */
export function bootedPath(index: number): string {
  return `${RUN_DIR}/${index}/booted`;
}

/** The part of a guest's seed that the guest reads at every boot. */
const VENDOR_DATA = 'cloud-init/vendor-data';

/** `dir` is that of a runtime. */
export function vendorDataPath(dir: string): string {
  return `${dir}/${VENDOR_DATA}`;
}

export function isVendorData(path: string): boolean {
  return path.endsWith(`/${VENDOR_DATA}`);
}

/** Paths of one runtime; `dir` holds its disk and belongs to the service user. */
export type RuntimePaths = {
  readonly envFile: string;
  readonly vmDefinition: string;
  readonly dir: string;
  readonly dropIn: string;
  readonly preStartDropIn: string;
  readonly rootEnvFile: string;
  readonly wantsLink: string;
  readonly apiSocket: string;
};

export function runtimePaths(
  roots: { readonly configDir: string; readonly stateDir: string },
  index: number,
): RuntimePaths {
  return {
    envFile: `${roots.configDir}/runtime-${index}.env`,
    vmDefinition: `${roots.configDir}/runtime-${index}.vm.json`,
    dir: `${roots.stateDir}/runtime-${index}`,
    dropIn: `${UNIT_DIR}/${runtimeUnit(index)}.d/10-vllmd.conf`,
    preStartDropIn: `${UNIT_DIR}/${preStartUnit(index)}.d/10-vllmd.conf`,
    rootEnvFile: `${ETC_DIR}/runtime-${index}.env`,
    wantsLink: `${UNIT_DIR}/${TARGET_UNIT}.wants/${runtimeUnit(index)}`,
    apiSocket: `/run/vllmd/${index}/api.sock`,
  };
}
