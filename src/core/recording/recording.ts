import type { Entry, Exposure, FileStat } from '../plan/observed.ts';
import { FORMAT_VERSION } from '../report/format-version.ts';

/** A file whose text is no part of the recording has none. */
export type RecordedEntry =
  | Exclude<Entry, { readonly type: 'file' }>
  | (Omit<Extract<Entry, { readonly type: 'file' }>, 'text'> & { readonly text?: string });

/** An answer of the system that was none: `ENODEV`. */
export type Failed = { readonly failed: string };

export type RecordedNames = {
  /** undefined: there is no such directory, or it may not be read. */
  readonly names: readonly string[] | undefined;
  /** Which names are kept, as `src/core/recording/name-filters.ts` calls it; undefined: all. */
  readonly only: string | undefined;
};

export type RecordedBytes = {
  /** How many were asked for. */
  readonly count: number;
  readonly bytes: Uint8Array | undefined;
};

export type RecordedOutput = {
  readonly exitCode: number;
  /** undefined: what it printed is no part of the recording. */
  readonly stdout: string | undefined;
};

/** What a host answered to each question that vllmd has asked it, by path; a query by its argv as JSON. */
export type Answers = {
  readonly read: ReadonlyMap<string, RecordedEntry | Failed>;
  readonly list: ReadonlyMap<string, RecordedNames | Failed>;
  readonly exists: ReadonlyMap<string, boolean | Failed>;
  readonly stat: ReadonlyMap<string, FileStat | undefined | Failed>;
  readonly bytes: ReadonlyMap<string, RecordedBytes | Failed>;
  readonly exposure: ReadonlyMap<string, Exposure | undefined | Failed>;
  readonly freeBytes: ReadonlyMap<string, number | undefined | Failed>;
  readonly query: ReadonlyMap<string, RecordedOutput | Failed>;
};

/** A host as it was seen once. */
export type Recording = Answers & {
  /** Which vllmd has asked. */
  readonly vllmdVersion: string;
  readonly isRoot: boolean;
};

/** A link leads somewhere, and that is nobody else's business. */
export const HIDDEN_TARGET = '(hidden)';

export const RECORDING_KIND = 'vllmd-facts';

/** One answer a line, sorted, so that it can be looked through before it is sent to somebody, and compared. */
export function writeRecording(recording: Recording): string {
  const head = {
    format_version: FORMAT_VERSION,
    kind: RECORDING_KIND,
    vllmd_version: recording.vllmdVersion,
    as_root: recording.isRoot,
  };
  const lines = Object.entries(head).map(([key, value]) => `${text(key)}: ${text(value)}`);
  const sections = [
    section('read', recording.read, entryJson),
    section('list', recording.list, ({ names, only }) => ({
      names: names ?? null,
      only: only ?? null,
    })),
    section('exists', recording.exists, same),
    section('stat', recording.stat, (stat) => (stat === undefined ? null : statJson(stat))),
    section('bytes', recording.bytes, ({ count, bytes }) => ({
      count,
      hex: bytes === undefined ? null : hexOf(bytes),
    })),
    section('exposure', recording.exposure, orNull),
    section('free_bytes', recording.freeBytes, orNull),
    section('query', recording.query, ({ exitCode, stdout }) => ({
      exit_code: exitCode,
      stdout: stdout ?? null,
    })),
  ];
  return `{\n${[...lines, ...sections].map((line) => `  ${line}`).join(',\n')}\n}\n`;
}

function section<Value>(
  name: string,
  answers: ReadonlyMap<string, Value | Failed>,
  json: (value: Value) => unknown,
): string {
  const rows = [...answers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, answer]) => `    ${text(key)}: ${text(isFailed(answer) ? answer : json(answer))}`);
  return `${text(name)}: {${rows.length === 0 ? '' : `\n${rows.join(',\n')}\n  `}}`;
}

export function isFailed(answer: unknown): answer is Failed {
  return typeof answer === 'object' && answer !== null && 'failed' in answer;
}

function entryJson(entry: RecordedEntry): unknown {
  if (entry.type !== 'file') return entry;
  const { type, mode, uid, gid, text: content } = entry;
  return { type, mode, uid, gid, text: content ?? null };
}

function statJson(stat: FileStat): unknown {
  const { type, mode, uid, gid, sizeBytes, allocatedBytes } = stat;
  return { type, mode, uid, gid, size_bytes: sizeBytes, allocated_bytes: allocatedBytes };
}

function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function orNull<Value>(value: Value | undefined): Value | null {
  return value ?? null;
}

function same<Value>(value: Value): Value {
  return value;
}

function text(value: unknown): string {
  return JSON.stringify(value);
}
