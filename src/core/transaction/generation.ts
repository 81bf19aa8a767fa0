import { isFoundMode, isOwnerId, isSystemDirectory } from '../plan/bounds.ts';
import { sha256 } from '../plan/digest.ts';
import { MANIFEST_SCHEMA, type Manifest, parseManifest } from '../plan/manifest.ts';
import { type Artefact, type Owner, ROOT } from '../render/artefact.ts';
import type { Layer } from '../resolve/layer.ts';
import { type Member, memberOfUnit } from '../resolve/member.ts';
import type { Operation } from './journal.ts';

type KnownDirectory = {
  readonly path: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
};

/** One committed install: what it left on the host, whole. */
export type Generation = {
  readonly schema: 1;
  readonly operation: Operation;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly manifest: Manifest;
  readonly directories: readonly KnownDirectory[];
  /** By sha256 of the text. */
  readonly texts: Readonly<Record<string, string>>;
  /** Members whose definition this install changed. */
  readonly changed: readonly Member[];
};

/** A sentence that says what is wrong with it, or the generation. */
export function parseGeneration(text: string, layer?: Layer): Generation | string {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return 'is not whole';
  }
  if (!isGeneration(data)) return 'lacks entries that every generation has';
  const manifest = parseManifest(JSON.stringify(data.manifest), layer);
  if (typeof manifest === 'string') return `holds a record that ${manifest}`;
  const dirs = new Set(manifest.dirs);
  const stray = data.directories.find(({ path }) => !dirs.has(path));
  if (stray !== undefined) return `names a directory that its record does not: ${stray.path}`;
  const isOther = ([key, value]: readonly [string, string]) => sha256(value) !== key;
  return Object.entries(data.texts).some(isOther) ? 'holds a text that is another one' : data;
}

function isGeneration(data: unknown): data is Generation {
  if (!isRecord(data) || data['schema'] !== MANIFEST_SCHEMA) return false;
  const { directories, texts, changed } = data;
  return (
    typeof data['at'] === 'string' &&
    typeof data['operation'] === 'string' &&
    Array.isArray(changed) &&
    isRecord(texts) &&
    Object.values(texts).every((value) => typeof value === 'string') &&
    Array.isArray(directories) &&
    directories.every(
      (entry) =>
        isRecord(entry) &&
        typeof entry['path'] === 'string' &&
        isFoundMode(entry['mode'], 'directory') &&
        isOwnerId(entry['uid']) &&
        isOwnerId(entry['gid']),
    )
  );
}

/** What a generation had on the host; a sentence where the text of a file has not been kept. */
export function artefactsOf(generation: Generation): readonly Artefact[] | string {
  const { manifest, directories, texts } = generation;
  const lost = manifest.files.find(({ sha256 }) => texts[sha256] === undefined);
  if (lost !== undefined) return `does not hold the text of ${lost.path}`;
  return [
    ...directories.map(({ path, mode, uid, gid }) => ({
      type: 'directory' as const,
      path,
      // It may have been its user's doing that it was more.
      mode: mode & 0o755,
      owner: isSystemDirectory(path) ? ROOT : ownerOf(uid, gid),
      group: groupOf(path),
      source: '',
    })),
    ...manifest.files.map((file) => ({
      type: 'file' as const,
      path: file.path,
      kind: file.kind,
      group: file.group,
      source: '',
      text: texts[file.sha256] ?? '',
      mode: Number.parseInt(file.mode, 8),
      owner: ownerOf(file.uid, file.gid),
      sensitive: file.secret,
    })),
    ...manifest.links.map((link) => ({ type: 'link' as const, source: '', ...link })),
  ];
}

/** Directories of a member have its name in theirs; all others are shared. */
function groupOf(path: string): Artefact['group'] {
  const unit = /\/(vllmd-llama@[^/]+)\.d$/.exec(path)?.[1];
  if (unit !== undefined) return memberOfUnit(unit) ?? 'shared';
  const index = /(?:\/runtime-|@)(\d+)(?:\/cloud-init|\.service\.d)?$/.exec(path)?.[1];
  return index === undefined ? 'shared' : Number(index);
}

function ownerOf(uid: number, gid: number): Owner {
  return uid === 0 && gid === 0 ? ROOT : { uid, gid, user: String(uid), group: String(gid) };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
