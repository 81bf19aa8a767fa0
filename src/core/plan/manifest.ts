import { isPciAddress as isCanonicalPciAddress } from '../config/pci-address.ts';
import type { DevicePin } from '../facts/device-pin.ts';
import type { FileKind, Group } from '../render/artefact.ts';
import { hostLayer, type Layer } from '../resolve/layer.ts';
import { isMember, type Member } from '../resolve/member.ts';
import { isEnablingTarget, isOwnerId, isWrittenMode } from './bounds.ts';

/** What vllmd has written on this host. A path is vllmd's if and only if it stands here. */
export type Manifest = {
  readonly schema: 1;
  /** Says that two manifests belong to one host's history. */
  readonly lineage: string;
  /** Counts the installs that changed something. */
  readonly generation: number;
  readonly vllmd: string;
  readonly config: { readonly path: string; readonly sha256: string };
  readonly files: readonly ManifestFile[];
  readonly links: readonly ManifestLink[];
  readonly units: readonly ManifestUnit[];
  /** Directories that vllmd made, parents first. */
  readonly dirs: readonly string[];
  /** Devices that were taken from the host. Records of older versions have none. */
  readonly devices?: readonly DevicePin[];
  /** Records of older versions have none. */
  readonly runtimes?: readonly ManifestRuntime[];
};

export type ManifestFile = {
  readonly path: string;
  /** Four octal digits. */
  readonly mode: string;
  readonly uid: number;
  readonly gid: number;
  readonly sha256: string;
  readonly kind: FileKind;
  readonly group: Group;
  readonly secret: boolean;
  /** Where the file is kept that lay here before and was adopted; it comes back when this one goes. */
  readonly backup?: string;
  /** sha256 of the operator's edit that was told to stay. */
  readonly pinned?: string;
};

export type ManifestLink = {
  readonly path: string;
  readonly target: string;
  readonly unit: string;
  readonly group: Group;
  /** As that of a file. */
  readonly backup?: string;
};

/** `startDigest` is that of the definition which the unit was last started with by vllmd. */
export type ManifestUnit = {
  readonly name: string;
  readonly group: Group;
  readonly startDigest: string;
  /** Of the install that its definition came with. Records of older versions have none. */
  readonly generation?: number;
  /** How long its last start took. */
  readonly startSeconds?: number;
};

/** A runtime or an instance as the config of this install wanted it. */
export type ManifestRuntime = {
  readonly index: Member;
  readonly gpus: readonly string[];
  readonly autostart: boolean;
  readonly restart: 'auto' | 'manual';
  /** An install that drops it is refused. Records of older versions do not say. */
  readonly preventRemoval?: boolean;
};

export const MANIFEST_SCHEMA = 1;

export function isOwnPath(path: string, { ownPaths }: Layer): boolean {
  return isPlainPath(path) && ownPaths.some((pattern) => pattern.test(path));
}

/** Absolute, and without a step that would lead elsewhere. */
export function isPlainPath(path: string): boolean {
  return (
    path.startsWith('/') &&
    !path
      .slice(1)
      .split('/')
      .some((part) => part === '' || part === '.' || part === '..')
  );
}

/** Where the record of a layer keeps what is the operator's. */
export function isBackupPath(path: unknown, { record }: Layer): boolean {
  return isText(path) && path.startsWith(`${record.backups}/`) && isPlainPath(path);
}

/** A sentence that says what is wrong with it, or the manifest. A manifest that is damaged is never taken as empty. */
export function parseManifest(text: string, layer: Layer = hostLayer): Manifest | string {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return 'is not JSON';
  }
  if (!isRecord(data)) return 'is not a JSON object';
  if (isNewer(data)) {
    return `has schema ${String(data['schema'])}, this vllmd knows ${MANIFEST_SCHEMA}: a newer vllmd wrote it`;
  }
  if (!isManifest(data)) return 'lacks entries that every manifest has';
  const entries = [...data.files, ...data.links];
  const foreign = entries.find((entry) => !isOwnPath(entry.path, layer));
  if (foreign !== undefined) return `names a path that vllmd never writes: ${foreign.path}`;
  const astray = entries.find(({ backup }) => backup !== undefined && !isBackupPath(backup, layer));
  return astray === undefined ? data : `names a backup that vllmd never made: ${astray.backup}`;
}

/** Of a vllmd that comes after this one: it is whole, and nothing for this one to put right. */
export function isNewerManifest(text: string): boolean {
  try {
    const data: unknown = JSON.parse(text);
    return isRecord(data) && isNewer(data);
  } catch {
    return false;
  }
}

function isNewer({ schema }: Record<string, unknown>): boolean {
  return typeof schema === 'number' && schema > MANIFEST_SCHEMA;
}

function isManifest(data: Record<string, unknown>): data is Manifest & Record<string, unknown> {
  const config = data['config'];
  return (
    data['schema'] === MANIFEST_SCHEMA &&
    isText(data['lineage']) &&
    typeof data['generation'] === 'number' &&
    isText(data['vllmd']) &&
    isRecord(config) &&
    isText(config['path']) &&
    isListOf(data['files'], ['path', 'mode', 'sha256', 'kind'], isWrittenFile) &&
    isListOf(data['links'], ['path', 'target', 'unit'], isEnabling) &&
    isListOf(data['units'], ['name', 'startDigest']) &&
    Array.isArray(data['dirs']) &&
    data['dirs'].every((path) => isText(path) && isPlainPath(path)) &&
    (data['devices'] === undefined || isPins(data['devices'])) &&
    (data['runtimes'] === undefined || areRuntimes(data['runtimes']))
  );
}

/** They end up in files that root's scripts read: nothing but what they are. */
function isPins(list: unknown): boolean {
  return (
    Array.isArray(list) &&
    list.every(
      (pin) =>
        isRecord(pin) &&
        isPciAddress(pin['address']) &&
        /^[0-9a-f]{4}(:[0-9a-f]{4}){3}$/.test(String(pin['identity'])) &&
        isDriverName(pin['priorDriver']) &&
        isDriverName(pin['priorOverride']) &&
        Array.isArray(pin['groupMembers']) &&
        pin['groupMembers'].every(isPciAddress),
    )
  );
}

function areRuntimes(list: unknown): boolean {
  return (
    Array.isArray(list) &&
    list.every(
      (runtime) =>
        isRecord(runtime) &&
        isMember(runtime['index']) &&
        Array.isArray(runtime['gpus']) &&
        runtime['gpus'].every(isPciAddress) &&
        typeof runtime['autostart'] === 'boolean' &&
        (runtime['restart'] === 'auto' || runtime['restart'] === 'manual') &&
        ['undefined', 'boolean'].includes(typeof runtime['preventRemoval']),
    )
  );
}

function isPciAddress(value: unknown): boolean {
  return isText(value) && isCanonicalPciAddress(value);
}

function isDriverName(value: unknown): boolean {
  return isText(value) && /^[\w.-]{0,63}$/.test(value);
}

function isWrittenFile({ mode, uid, gid }: Record<string, unknown>): boolean {
  const isOctal = isText(mode) && /^0[0-7]{3}$/.test(mode);
  return isOctal && isWrittenMode(Number.parseInt(mode, 8)) && isOwnerId(uid) && isOwnerId(gid);
}

function isEnabling({ target }: Record<string, unknown>): boolean {
  return isEnablingTarget(target);
}

function isListOf(
  list: unknown,
  texts: readonly string[],
  isRight: (entry: Record<string, unknown>) => boolean = () => true,
): boolean {
  return (
    Array.isArray(list) &&
    list.every(
      (entry) =>
        isRecord(entry) &&
        texts.every((key) => isText(entry[key])) &&
        isRight(entry) &&
        (entry['group'] === 'shared' || isMember(entry['group'])),
    )
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
