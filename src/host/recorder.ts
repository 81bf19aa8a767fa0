import type { Entry, Exposure, FileStat } from '../core/plan/observed.ts';
import type { Known } from '../core/recording/known.ts';
import { pruneProcesses } from '../core/recording/prune-processes.ts';
import type {
  Answers,
  Failed,
  RecordedBytes,
  RecordedEntry,
  RecordedNames,
  RecordedOutput,
} from '../core/recording/recording.ts';
import { redactEntry, redactNames, redactOutput } from '../core/recording/redact.ts';
import { redactBytes } from '../core/recording/redact-bytes.ts';
import type { HostReader } from './host.ts';

export type Recorder = {
  /** Answers as the recording will: who reads through it asks what will be asked of the recording. */
  readonly reader: HostReader;
  readonly answers: () => Answers;
};

const hidden: Entry = { type: 'hidden' };
const PCI_ID = /^(\/sys\/bus\/pci\/devices\/[^/]+)\/(vendor|device)$/;

/** Notes every question to a host and what may be told of its answer. */
export function createRecorder(
  host: HostReader,
  accounts: Pick<Known, 'accounts' | 'groupIds'>,
): Recorder {
  const read = new Map<string, RecordedEntry | Failed>();
  const list = new Map<string, RecordedNames | Failed>();
  const exists = new Map<string, boolean | Failed>();
  const stat = new Map<string, FileStat | undefined | Failed>();
  const bytes = new Map<string, RecordedBytes | Failed>();
  const exposure = new Map<string, Exposure | undefined | Failed>();
  const freeBytes = new Map<string, number | undefined | Failed>();
  const query = new Map<string, RecordedOutput | Failed>();
  const hasPathBelow = (path: string) =>
    [read, list, exists, stat, bytes, freeBytes].some((asked) =>
      [...asked.keys()].some((one) => one === path || one.startsWith(`${path}/`)),
    );
  const known = (): Known => ({ ...accounts, pciIds: pciIdsOf(read), hasPathBelow });
  const reader: HostReader = {
    layer: host.layer,
    read: async (path) => {
      const answer = () => host.read(path);
      const entry = await noted(read, path, answer, (found) => redactEntry(path, found, known()));
      if (entry.type !== 'file') return entry;
      return entry.text === undefined ? hidden : { ...entry, text: entry.text };
    },
    list: async (path) => {
      const answer = () => host.list(path);
      const { names } = await noted(list, path, answer, (found) => redactNames(path, found));
      return names;
    },
    exists: (path) => noted(exists, path, () => host.exists(path), same),
    stat: (path) => noted(stat, path, () => host.stat(path), same),
    readBytes: async (path, count) => {
      const before = bytes.get(path);
      const most = Math.max(count, before !== undefined && 'count' in before ? before.count : 0);
      const found = await noted(
        bytes,
        path,
        () => host.readBytes(path, most),
        (all) => ({ count: most, bytes: all && redactBytes(path, all, known()) }),
      );
      return found.bytes?.subarray(0, count);
    },
    exposure: (path) => noted(exposure, path, () => host.exposure(path), same),
    freeBytes: (path) => noted(freeBytes, path, () => host.freeBytes(path), same),
    query: async (argv) => {
      const { exitCode, stdout } = await noted(
        query,
        JSON.stringify(argv),
        () => host.query(argv),
        (result) => redactOutput(argv, result, known()),
      );
      return { exitCode, stdout: stdout ?? '', stderr: '' };
    },
  };
  const answers = { read, list, exists, stat, bytes, exposure, freeBytes, query };
  return { reader, answers: () => pruneProcesses(answers) };
}

/** A failure that the system has a name for is an answer too: a device that goes away says ENODEV. */
async function noted<Answer, Kept>(
  notes: Map<string, Kept | Failed>,
  key: string,
  ask: () => Promise<Answer>,
  keep: (answer: Answer) => Kept,
): Promise<Kept> {
  try {
    const kept = keep(await ask());
    notes.set(key, kept);
    return kept;
  } catch (error) {
    if (error instanceof Error && 'code' in error && /^E[A-Z\d]+$/.test(String(error.code))) {
      notes.set(key, { failed: String(error.code) });
    }
    throw error;
  }
}

/** Vendors, and models with their vendor, of the devices that have been looked at so far. */
function pciIdsOf(read: ReadonlyMap<string, RecordedEntry | Failed>): ReadonlySet<string> {
  const ids = new Set<string>();
  const word = (path: string) => {
    const entry = read.get(path);
    const text = entry !== undefined && 'text' in entry ? (entry.text ?? '') : '';
    return /^0x([\da-f]{4})\n?$/.exec(text)?.[1];
  };
  for (const path of read.keys()) {
    const [, at, name] = PCI_ID.exec(path) ?? [];
    if (at === undefined || name !== 'vendor') continue;
    const [vendor, model] = [word(path), word(`${at}/device`)];
    if (vendor !== undefined) ids.add(vendor);
    if (vendor !== undefined && model !== undefined) ids.add(`${vendor}:${model}`);
  }
  return ids;
}

function same<Value>(value: Value): Value {
  return value;
}
