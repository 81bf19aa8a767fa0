import type { Exposure, FileStat } from '../plan/observed.ts';
import { FORMAT_VERSION } from '../report/format-version.ts';
import {
  type Answers,
  type Failed,
  RECORDING_KIND,
  type RecordedBytes,
  type RecordedEntry,
  type RecordedNames,
  type RecordedOutput,
  type Recording,
} from './recording.ts';

type Json = { readonly [key: string]: unknown };

/** A recording, or a sentence that says what is wrong with it. It comes from elsewhere: nothing of it is trusted. */
export function parseRecording(source: string): Recording | string {
  let data: unknown;
  try {
    data = JSON.parse(source);
  } catch {
    return 'is not JSON: was it cut off?';
  }
  if (!isObject(data) || data['kind'] !== RECORDING_KIND) {
    return `is no recording: its "kind" must be "${RECORDING_KIND}"`;
  }
  const { format_version: version, vllmd_version: vllmdVersion, as_root: isRoot } = data;
  if (!isText(version) || version.split('.')[0] !== FORMAT_VERSION.split('.')[0]) {
    return `has format_version ${JSON.stringify(version)}, this vllmd reads ${FORMAT_VERSION}`;
  }
  if (!isText(vllmdVersion) || typeof isRoot !== 'boolean') {
    return 'lacks "vllmd_version" or "as_root"';
  }
  try {
    return { vllmdVersion, isRoot, ...answersOf(data) };
  } catch (error) {
    if (error instanceof Malformed) return error.message;
    throw error;
  }
}

class Malformed extends Error {}

function answersOf(data: Json): Answers {
  return {
    read: section(data, 'read', entryOf),
    list: section(data, 'list', namesOf),
    exists: section(data, 'exists', (value) => (typeof value === 'boolean' ? value : wrong)),
    stat: section(data, 'stat', orNothing(statOf)),
    bytes: section(data, 'bytes', bytesOf),
    exposure: section(data, 'exposure', orNothing(exposureOf)),
    freeBytes: section(
      data,
      'free_bytes',
      orNothing((value) => (isCount(value) ? value : wrong)),
    ),
    query: section(data, 'query', outputOf),
  };
}

const wrong = Symbol('wrong');
type Parsed<Value> = Value | typeof wrong;

function section<Value>(
  data: Json,
  name: string,
  parse: (value: unknown) => Parsed<Value>,
): ReadonlyMap<string, Value | Failed> {
  const rows = data[name];
  if (!isObject(rows)) throw new Malformed(`lacks "${name}"`);
  return new Map(
    Object.entries(rows).map(([key, value]) => {
      const isKey = name === 'query' ? isArgv(key) : key.startsWith('/');
      const answer = isKey ? (failedOf(value) ?? parse(value)) : wrong;
      if (answer === wrong)
        throw new Malformed(`has no answer at "${name}" of ${key.slice(0, 80)}`);
      return [key, answer];
    }),
  );
}

function failedOf(value: unknown): Failed | undefined {
  if (!isObject(value) || !('failed' in value)) return undefined;
  const { failed } = value;
  return isText(failed) && /^E[A-Z\d]{1,20}$/.test(failed) ? { failed } : undefined;
}

function orNothing<Value>(parse: (value: unknown) => Parsed<Value>) {
  return (value: unknown): Parsed<Value | undefined> => (value === null ? undefined : parse(value));
}

function entryOf(value: unknown): Parsed<RecordedEntry> {
  if (!isObject(value)) return wrong;
  const { type, target, trusted, what, link } = value;
  if (type === 'absent' || type === 'hidden') return { type };
  if (type === 'link' && isText(target) && typeof trusted === 'boolean') {
    return { type, target, trusted };
  }
  if (type === 'other' && isText(what)) return { type, what };
  return type === 'unsafe' && isText(link) ? { type, link } : ownedOf(value);
}

/** What has a mode and an owner. */
function ownedOf({ type, mode, uid, gid, text }: Json): Parsed<RecordedEntry> {
  if (!(isCount(mode) && isCount(uid) && isCount(gid))) return wrong;
  if (type === 'directory') return { type, mode, uid, gid };
  if (type !== 'file') return wrong;
  if (text === null) return { type, mode, uid, gid };
  return isText(text) ? { type, mode, uid, gid, text } : wrong;
}

function namesOf(value: unknown): Parsed<RecordedNames> {
  if (!isObject(value)) return wrong;
  const { names, only: filter } = value;
  if (filter !== null && !isText(filter)) return wrong;
  const only = filter ?? undefined;
  if (names === null) return { names: undefined, only };
  if (!isTexts(names) || names.some((name) => name === '' || name.includes('/'))) return wrong;
  return { names, only };
}

function statOf(value: unknown): Parsed<FileStat> {
  if (!isObject(value)) return wrong;
  const { type, mode, uid, gid, size_bytes: sizeBytes, allocated_bytes: allocatedBytes } = value;
  if (type !== 'file' && type !== 'directory' && type !== 'other') return wrong;
  if (!(isCount(mode) && isCount(uid) && isCount(gid))) return wrong;
  if (!(isCount(sizeBytes) && isCount(allocatedBytes))) return wrong;
  return { type, mode, uid, gid, sizeBytes, allocatedBytes };
}

function bytesOf(value: unknown): Parsed<RecordedBytes> {
  if (!isObject(value)) return wrong;
  const { count, hex } = value;
  if (!isCount(count)) return wrong;
  if (hex === null) return { count, bytes: undefined };
  if (!isText(hex) || !/^(?:[\da-f]{2})*$/.test(hex)) return wrong;
  const bytes = (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16));
  return { count, bytes: Uint8Array.from(bytes) };
}

function exposureOf(value: unknown): Parsed<Exposure> {
  if (!isObject(value)) return wrong;
  const { path, why, help } = value;
  return isText(path) && isText(why) && isText(help) ? { path, why, help } : wrong;
}

function outputOf(value: unknown): Parsed<RecordedOutput> {
  if (!isObject(value)) return wrong;
  const { exit_code: exitCode, stdout } = value;
  if (!isCount(exitCode)) return wrong;
  if (stdout === null) return { exitCode, stdout: undefined };
  return isText(stdout) ? { exitCode, stdout } : wrong;
}

/** A key of `query`, which is JSON as well. */
function isArgv(key: string): boolean {
  try {
    return isTexts(JSON.parse(key));
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(isText);
}

/** Counts, sizes, modes and ids. */
function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}
