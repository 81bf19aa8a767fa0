import {
  HIVE_AGENT_UNIT,
  HUGEPAGES_UNIT,
  INSTALL_DIR,
  LLAMA_RECORD_DIR,
  LLAMA_RECOVER_UNIT,
  LLAMA_SLICE_UNIT,
  LLAMA_TARGET_UNIT,
  LLAMA_UNRECOVERED_PATH,
  NETWORK_UNIT,
  RECOVER_UNIT,
  SLICE_UNIT,
  TARGET_UNIT,
  UNRECOVERED_PATH,
  VFIO_EARLY_UNIT,
} from './layout.ts';

/** What is installed and goes back by itself, with a record of its own. All layers of a host share its systemd, and so one lock. */
export type Layer = {
  /** What all of its commands begin with. */
  readonly command: 'vllmd' | 'vllmd llama';
  /** What one of its members is called. */
  readonly member: 'runtime' | 'instance';
  readonly record: RecordPaths;
  /** Paths that its record may name. It is read back as untrusted input: nothing else is ever changed or removed. */
  readonly ownPaths: readonly RegExp[];
  /** Starts and stops its members together. */
  readonly targetUnit: string;
  readonly sliceUnit: string;
  /** What several members need besides, and what is stopped where no member needs it any more. */
  readonly sharedUnits: readonly string[];
  /** What no member needs, and needs none: started when all members are, and nothing is taken back where it fails. */
  readonly lateUnits: readonly string[];
  /** What is looked at besides its members and all of these. */
  readonly otherUnits: readonly string[];
  /** There from boot until an interrupted install has been finished or undone; no member starts meanwhile. */
  readonly unrecoveredPath: string;
};

/** Files of a record, and directories in it. */
type RecordPaths = {
  readonly dir: string;
  readonly manifest: string;
  readonly journal: string;
  /** One file a generation: what it put on the host, whole. */
  readonly generations: string;
  /** Files of the operator that vllmd took the place of, by generation. */
  readonly backups: string;
  /** What a member that did not start was started from, and what it said, by generation. */
  readonly failed: string;
  /** There while an install waits for `vllmd confirm`. */
  readonly confirm: string;
};

function recordIn(dir: string): RecordPaths {
  return {
    dir,
    manifest: `${dir}/manifest.json`,
    journal: `${dir}/journal.json`,
    generations: `${dir}/generations`,
    backups: `${dir}/backups`,
    failed: `${dir}/failed`,
    confirm: `${dir}/confirm.json`,
  };
}

/** VMs, and what they need of the host. */
export const hostLayer: Layer = {
  command: 'vllmd',
  member: 'runtime',
  record: recordIn(INSTALL_DIR),
  ownPaths: [
    /^\/etc\/systemd\/system\/vllmd(-(?!llama)[^/]+)?\.(service|slice|target)$/,
    /^\/etc\/systemd\/system\/vllmd-(?!llama)[^/]+\.d(\/10-vllmd\.conf)?$/,
    /^\/etc\/systemd\/system\/((multi-user|sysinit|vllmd)\.target|nftables\.service)\.wants(\/vllmd(?!-llama)[^/]*)?$/,
    /^\/etc\/vllmd(\/libexec)?(\/(?!llama)[^/]+)?$/,
    /^\/etc\/default(\/grub\.d(\/vllmd\.cfg)?)?$/,
    /^\/etc\/(udev\/rules\.d|modprobe\.d|modules-load\.d)(\/[^/]*vllmd[^/]*)?$/,
    /\/runtime-\d+\.(env|vm\.json)$/,
    /\/runtime-\d+\/cloud-init\/(meta-data|network-config|user-data|vendor-data)$/,
  ],
  targetUnit: TARGET_UNIT,
  sliceUnit: SLICE_UNIT,
  sharedUnits: [NETWORK_UNIT, HUGEPAGES_UNIT],
  lateUnits: [HIVE_AGENT_UNIT],
  otherUnits: [VFIO_EARLY_UNIT],
  unrecoveredPath: UNRECOVERED_PATH,
};

/** llama.cpp instances. */
export const llamaLayer: Layer = {
  command: 'vllmd llama',
  member: 'instance',
  record: recordIn(LLAMA_RECORD_DIR),
  ownPaths: [
    /^\/etc\/systemd\/system\/vllmd-llama(-recover|-devices|@)?\.(service|slice|target)$/,
    /^\/etc\/systemd\/system\/vllmd-llama@[^/]+\.service\.d(\/10-vllmd\.conf)?$/,
    /^\/etc\/systemd\/system\/(multi-user|vllmd-llama)\.target\.wants(\/vllmd-llama[^/]*)?$/,
    /^\/etc\/vllmd(\/llama(\/[^/]+\.(env|secrets))?)?$/,
    /^\/etc\/vllmd\/libexec(\/llama-[^/]+)?$/,
  ],
  targetUnit: LLAMA_TARGET_UNIT,
  sliceUnit: LLAMA_SLICE_UNIT,
  sharedUnits: [],
  lateUnits: [],
  otherUnits: [],
  unrecoveredPath: LLAMA_UNRECOVERED_PATH,
};

/** Of a unit that recovers at boot, whichever layer it belongs to. */
export function isRecoverUnit(unit: string): boolean {
  return unit === RECOVER_UNIT || unit === LLAMA_RECOVER_UNIT;
}

export function isTargetUnit(unit: string | undefined): boolean {
  return unit === TARGET_UNIT || unit === LLAMA_TARGET_UNIT;
}
