import type { Action } from '../plan/action.ts';
import {
  isEnablingTarget,
  isFoundMode,
  isOwnerId,
  isSystemDirectory,
  isWrittenMode,
} from '../plan/bounds.ts';
import {
  isBackupPath,
  isOwnPath,
  isPlainPath,
  type Manifest,
  parseManifest,
} from '../plan/manifest.ts';
import { isDataPath } from '../plan/own-directories.ts';
import { hostLayer, type Layer } from '../resolve/layer.ts';
import { isMember, type Member } from '../resolve/member.ts';
import type { SavedChange } from './entries.ts';
import type { Purge } from './groups.ts';

export type Operation = 'install' | 'uninstall' | 'rollback';

/**
 * `prepared`, `writing`: no unit runs with a new definition yet. `activating`: groups start one after the other.
 * `committed`: `after` is what the host has; only records are still to be written.
 */
type Phase = 'prepared' | 'writing' | 'activating' | 'committed';

/** `undoing`: it goes back, come what may: its files may be half of each. */
export type GroupState = 'pending' | 'active' | 'good' | 'undoing' | 'undone';

type JournalGroup = {
  readonly id: number;
  readonly runtimes: readonly Member[];
  readonly state: GroupState;
};

/** A unit that the plan touches, as it was before. */
export type JournalUnit = {
  readonly unit: string;
  readonly group: number;
  readonly verbs: readonly Action['verb'][];
  readonly wasActive: boolean;
  /** systemd was about to start it again, as it had failed. */
  readonly wasRetried?: true;
  /** The same for as long as it has not been started anew; '' where that is not known. */
  readonly invocation: string;
};

/** An install as it stands on the disk while it runs: what a later run needs to finish it or to take it back. */
export type Journal = {
  readonly schema: 1;
  readonly operation: Operation;
  readonly phase: Phase;
  /** The host is a tree below another root, where no systemd listens. */
  readonly isOffline: boolean;
  readonly before: Manifest | null;
  /** The record once every group has succeeded; from `committed` on, the record as it came out. */
  readonly after: Manifest;
  readonly groups: readonly JournalGroup[];
  /** In the order in which they are made. */
  readonly changes: readonly SavedChange[];
  /** In the order in which they are touched. */
  readonly units: readonly JournalUnit[];
  /** What is deleted after the commit. */
  readonly purge: readonly Purge[];
  /** One group that does not succeed takes all others back with it. */
  readonly allOrNothing?: boolean;
  /** It goes back by itself unless it is confirmed within so many milliseconds. */
  readonly confirmWithinMs?: number;
};

export function withGroup(journal: Journal, id: number, state: GroupState): Journal {
  const groups = journal.groups.map((group) => (group.id === id ? { ...group, state } : group));
  return { ...journal, groups };
}

/** The groups that are as they were before. */
export function undoneGroups({ groups }: Journal): ReadonlySet<number> {
  return new Set(groups.filter(({ state }) => state === 'undone').map(({ id }) => id));
}

/** A sentence that says what is wrong with it, or the journal. Read back as untrusted input, as a manifest is. */
export function parseJournal(text: string, layer: Layer = hostLayer): Journal | string {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return 'is not whole';
  }
  if (!isRecord(data)) return 'is not a JSON object';
  if (data['schema'] !== 1) return `has schema ${String(data['schema'])}, this vllmd knows 1`;
  if (!isJournal(data)) return 'lacks entries that every journal has';
  const ids = new Set(data.groups.map(({ id }) => id));
  // It would neither be finished nor taken back.
  const stray = [...data.changes, ...data.units].some(({ group }) => !ids.has(group));
  if (stray) return 'has parts that belong to no group';
  const foreign =
    data.changes.find((change) => !isOurs(change, layer)) ??
    data.purge.find((purge) => !isPurgeable(purge));
  if (foreign !== undefined) return `names a path that vllmd never writes: ${foreign.path}`;
  for (const manifest of [data.before, data.after]) {
    const parsed = manifest === null ? undefined : parseManifest(JSON.stringify(manifest), layer);
    if (typeof parsed === 'string') return `holds a record that ${parsed}`;
  }
  return { ...data, changes: data.changes.map(withRootsOwn) };
}

/** A directory of the system goes back to root, whomever it belonged to. */
function withRootsOwn(change: SavedChange): SavedChange {
  const { path, before } = change;
  if (before.type !== 'directory' || !isSystemDirectory(path)) return change;
  return { ...change, before: { ...before, mode: before.mode & 0o755, uid: 0, gid: 0 } };
}

const phases: readonly unknown[] = ['prepared', 'writing', 'activating', 'committed'];
const operations: readonly unknown[] = ['install', 'uninstall', 'rollback'];
const states: readonly unknown[] = ['pending', 'active', 'good', 'undoing', 'undone'];

function isJournal(data: Record<string, unknown>): data is Record<string, unknown> & Journal {
  const { confirmWithinMs } = data;
  return (
    phases.includes(data['phase']) &&
    operations.includes(data['operation']) &&
    (confirmWithinMs === undefined || Number.isInteger(confirmWithinMs)) &&
    typeof data['isOffline'] === 'boolean' &&
    (data['before'] === null || isRecord(data['before'])) &&
    isRecord(data['after']) &&
    isListOf(data['groups'], isGroup) &&
    isListOf(data['units'], isUnit) &&
    isListOf(data['changes'], isChange) &&
    isListOf(data['purge'], (purge) => isText(purge['path']) && isText(purge['type']))
  );
}

function isGroup({ id, state, runtimes }: Record<string, unknown>): boolean {
  return (
    Number.isInteger(id) &&
    states.includes(state) &&
    Array.isArray(runtimes) &&
    runtimes.every(isMember)
  );
}

function isUnit(unit: Record<string, unknown>): boolean {
  return (
    /^(vllmd-[\w@:.-]+|vllmd)\.(service|slice|target)$/.test(String(unit['unit'])) &&
    Number.isInteger(unit['group']) &&
    Array.isArray(unit['verbs']) &&
    typeof unit['wasActive'] === 'boolean' &&
    (unit['wasRetried'] === undefined || unit['wasRetried'] === true) &&
    isText(unit['invocation'])
  );
}

function isChange(change: Record<string, unknown>): boolean {
  return (
    isText(change['path']) &&
    Number.isInteger(change['group']) &&
    isEntry(change['before'], isFoundMode) &&
    isEntry(change['after'], isWrittenMode) &&
    isWrittenLink(change['after']) &&
    ['backup', 'restores'].every((key) => change[key] === undefined || isText(change[key]))
  );
}

function isEntry(entry: unknown, isMode: typeof isFoundMode): boolean {
  if (!isRecord(entry)) return false;
  const { type, mode, uid, gid } = entry;
  if (type === 'absent') return true;
  if (type === 'link') return isText(entry['target']);
  if (type !== 'file' && type !== 'directory') return false;
  const hasMetadata = isMode(mode, type) && isOwnerId(uid) && isOwnerId(gid);
  return hasMetadata && (type === 'directory' || isText(entry['text']));
}

/** What lay there before may be the operator's own link, which leads where he wants. */
function isWrittenLink(entry: unknown): boolean {
  return !isRecord(entry) || entry['type'] !== 'link' || isEnablingTarget(entry['target']);
}

/** Directories may lie anywhere that a config names; of files and links only vllmd's own names are believed. */
function isOurs({ path, before, after, backup, restores }: SavedChange, layer: Layer): boolean {
  const kept = [backup, restores].flatMap((copy) => copy ?? []);
  if (!kept.every((copy) => isBackupPath(copy, layer))) return false;
  const isDirectory = [before, after].every(
    ({ type }) => type === 'directory' || type === 'absent',
  );
  if (!isDirectory) return isOwnPath(path, layer);
  const isGivenAway = after.type === 'directory' && after.uid !== 0 && isSystemDirectory(path);
  return isPlainPath(path) && !isGivenAway;
}

function isPurgeable({ path, type }: Purge): boolean {
  if (!isPlainPath(path)) return false;
  if (type === 'directory') return !isSystemDirectory(path);
  return type === 'data' && isDataPath(path);
}

function isListOf(list: unknown, test: (entry: Record<string, unknown>) => boolean): boolean {
  return Array.isArray(list) && list.every((entry) => isRecord(entry) && test(entry));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
