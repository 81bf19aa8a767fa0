import { visible } from '../core/control-characters.ts';
import { VllmdError } from '../core/failure.ts';
import { absent, type Entry } from '../core/plan/observed.ts';
import { presence, unitsShown } from '../core/recording/inferred.ts';
import { type Failed, isFailed, type Recording } from '../core/recording/recording.ts';
import { hostLayer } from '../core/resolve/layer.ts';
import type { CommandResult, HostReader } from './host.ts';

/** What was asked of a recording, and it could not say. */
export type Gaps = {
  /** Paths and commands that nobody has asked the host about. */
  readonly notRecorded: readonly string[];
  /** Paths of files that were there, and whose text is in no recording. */
  readonly leftOut: readonly string[];
};

export type RecordedHost = { readonly reader: HostReader; readonly gaps: () => Gaps };

/** Answers as a host did when it was recorded. What was not asked then is noted, and counts as what may not be seen. */
export function createRecordedHost(recording: Recording): RecordedHost {
  const notRecorded = new Set<string>();
  const leftOut = new Set<string>();
  const whereNot = <Value>(path: string, isKnown: boolean, value: Value): Value => {
    if (!isKnown) notRecorded.add(path);
    return value;
  };
  const isAbsent = (path: string) => presence(recording, path) === 'absent';
  const reader: HostReader = {
    layer: hostLayer,
    read: async (path) => {
      const entry = answer(recording.read, path);
      if (entry === undefined) {
        return isAbsent(path)
          ? absent
          : whereNot<Entry>(path, false, { type: 'hidden', isUnrecorded: true });
      }
      if (entry.type !== 'file') return entry;
      if (entry.text !== undefined) return { ...entry, text: entry.text };
      leftOut.add(path);
      return { type: 'hidden', isUnrecorded: true };
    },
    list: async (path) => {
      const found = answer(recording.list, path);
      return found === undefined ? whereNot(path, isAbsent(path), undefined) : found.names;
    },
    exists: async (path) => {
      const found = answer(recording.exists, path);
      if (found !== undefined) return found;
      const seen = presence(recording, path);
      return whereNot(path, seen !== 'unknown', seen === 'there');
    },
    stat: async (path) => {
      if (recording.stat.has(path)) return answer(recording.stat, path);
      return whereNot(path, isAbsent(path), undefined);
    },
    readBytes: async (path, count) => {
      const found = answer(recording.bytes, path);
      if (found === undefined) return whereNot(path, isAbsent(path), undefined);
      const isEnough = count <= found.count || (found.bytes?.length ?? 0) < found.count;
      return whereNot(path, isEnough, found.bytes?.subarray(0, count));
    },
    exposure: async (path) =>
      whereNot(path, recording.exposure.has(path), answer(recording.exposure, path)),
    freeBytes: async (path) =>
      whereNot(path, recording.freeBytes.has(path), answer(recording.freeBytes, path)),
    query: async (argv) => {
      const found = answer(recording.query, JSON.stringify(argv)) ?? unitsShown(recording, argv);
      if (found === undefined) return whereNot(argv.join(' '), false, notAsked);
      return { exitCode: found.exitCode, stdout: found.stdout ?? '', stderr: '' };
    },
  };
  const sorted = (paths: ReadonlySet<string>) => [...paths].sort();
  return { reader, gaps: () => ({ notRecorded: sorted(notRecorded), leftOut: sorted(leftOut) }) };
}

const notAsked: CommandResult = {
  exitCode: 1,
  stdout: '',
  stderr: 'not in the recording',
  isUnasked: true,
};

/** The recorded answer; undefined where there is none. Throws what the host has thrown. */
function answer<Value>(
  answers: ReadonlyMap<string, Value | Failed>,
  key: string,
): Value | undefined {
  const found = answers.get(key);
  if (isFailed(found)) throw new RecordedFailure(found.failed, key);
  return found;
}

/** What the host has thrown, for readers that mind its code; where none does, it says where in the recording it stands. */
class RecordedFailure extends VllmdError {
  readonly code: string;

  constructor(code: string, key: string) {
    super(
      'noConfig',
      `the recording has ${code} for ${visible(key)}, and cannot be read without an answer there`,
      'see on the host what is wrong with it, and record again: sudo vllmd facts > facts.json',
    );
    this.code = code;
  }
}
