import {
  absent,
  type Entry,
  type Exposure,
  type FileStat,
  type UnitState,
} from '../core/plan/observed.ts';
import { ancestors } from '../core/render/parents.ts';
import { hostLayer } from '../core/resolve/layer.ts';
import { exchanged } from './exchanged.ts';
import type { CommandResult, Host } from './host.ts';
import { runSystemctl } from './memory-units.ts';
import { holdsOnly } from './own-directory.ts';
import { joined, makeOwn, parentOf } from './ways.ts';

export type MemoryHostOptions = {
  readonly entries?: Iterable<readonly [string, Entry]>;
  readonly units?: Iterable<readonly [string, UnitState]>;
  /** First bytes of files that are no text, by path; others are those of their text. */
  readonly bytes?: ReadonlyMap<string, Uint8Array> | undefined;
  readonly freeBytes?: number | undefined;
  /** What programs other than systemctl print; undefined where there is no such program. */
  readonly answers?: ((argv: readonly string[]) => CommandResult | undefined) | undefined;
};

export type MemoryHost = Host & {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly units: ReadonlyMap<string, UnitState>;
  /** Every command that was run, in order. */
  readonly commands: readonly (readonly string[])[];
};

const ROOT_DIRECTORY: Entry = { type: 'directory', mode: 0o755, uid: 0, gid: 0 };

/** A machine in memory: a map of paths, and units that do as they are told. */
export function createMemoryHost(options: MemoryHostOptions = {}): MemoryHost {
  const entries = new Map<string, Entry>([['/', ROOT_DIRECTORY], ...(options.entries ?? [])]);
  const units = new Map(options.units);
  const commands: (readonly string[])[] = [];
  const read = (path: string): Entry => obstacle(entries, path) ?? entries.get(path) ?? absent;
  const place = (path: string, entry: Entry) => {
    if (read(parentOf(path)).type !== 'directory') throw systemError('ENOENT', path);
    entries.set(path, entry);
  };
  const run = async (argv: readonly string[]): Promise<CommandResult> => {
    commands.push(argv);
    return runSystemctl(argv, units, entries);
  };
  return {
    layer: hostLayer,
    entries,
    units,
    commands,
    read: async (path) => read(path),
    list: async (path) => children(entries, path),
    exists: async (path) => read(path).type !== 'absent',
    stat: async (path) => statOf(read(path)),
    exposure: async (path) => exposureOf(entries, path),
    readBytes: async (path, count) => {
      const entry = read(path);
      if (entry.type !== 'file') return undefined;
      return (options.bytes?.get(path) ?? bytesOf(entry.text)).subarray(0, count);
    },
    freeBytes: async () => options.freeBytes,
    query: async (argv) => options.answers?.(argv) ?? runSystemctl(argv, units, entries),
    run,
    write: async (path, text, metadata) => place(path, { type: 'file', text, ...metadata }),
    link: async (path, target) => place(path, { type: 'link', target, trusted: true }),
    mkdir: async (path, metadata) => {
      if (read(path).type !== 'absent') throw systemError('EEXIST', path);
      place(path, { type: 'directory', ...metadata });
    },
    copy: async (from, to) => {
      const entry = read(from);
      if (entry.type === 'absent') throw systemError('ENOENT', from);
      if (entry.type !== 'file') throw systemError('EINVAL', from);
      place(to, entry);
    },
    setMetadata: async (path, metadata, expected) => {
      const entry = read(path);
      if (entry.type === 'absent') throw systemError('ENOENT', path);
      if (entry.type !== 'directory') throw systemError('ENOTDIR', path);
      const isOther = !holdsOnly(children(entries, path) ?? [], expected);
      if (entry.uid !== expected.uid || isOther) throw exchanged(path);
      entries.set(path, { ...entry, ...metadata });
    },
    remove: async (path) => {
      if (!entries.delete(path)) throw systemError('ENOENT', path);
    },
    rename: async (path, name) => {
      if (read(path).type === 'absent') throw systemError('ENOENT', path);
      const moved = [...entries].filter(([at]) => at === path || at.startsWith(`${path}/`));
      for (const [at] of moved) entries.delete(at);
      const to = joined(parentOf(path), name);
      for (const [at, entry] of moved) entries.set(to + at.slice(path.length), entry);
    },
    removeDirectory: async (path) => {
      if (read(path).type !== 'directory') throw systemError('ENOENT', path);
      if ((children(entries, path)?.length ?? 0) > 0) return false;
      return entries.delete(path);
    },
  };
}

function obstacle(entries: ReadonlyMap<string, Entry>, path: string): Entry | undefined {
  for (let above = parentOf(path); above !== '/'; above = parentOf(above)) {
    const entry = entries.get(above);
    if (entry?.type === 'link') return { type: 'unsafe', link: above };
  }
  return undefined;
}

function exposureOf(entries: ReadonlyMap<string, Entry>, wanted: string): Exposure | undefined {
  for (const path of ['/', ...ancestors(wanted), wanted]) {
    const entry = entries.get(path);
    if (entry?.type !== 'directory' && entry?.type !== 'file') continue;
    const help = makeOwn(path);
    if (entry.uid !== 0) return { path, why: `belongs to uid ${entry.uid}`, help };
    if ((entry.mode & 0o022) !== 0) return { path, why: 'can be written by others', help };
  }
  return undefined;
}

function statOf(entry: Entry): FileStat | undefined {
  if (entry.type === 'file') {
    const { mode, uid, gid, text } = entry;
    const sizeBytes = bytesOf(text).length;
    return { type: 'file', mode, uid, gid, sizeBytes, allocatedBytes: sizeBytes };
  }
  if (entry.type !== 'directory') return undefined;
  const { mode, uid, gid } = entry;
  return { type: 'directory', mode, uid, gid, sizeBytes: 0, allocatedBytes: 0 };
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function children(entries: ReadonlyMap<string, Entry>, path: string) {
  if (entries.get(path)?.type !== 'directory') return undefined;
  return [...entries.keys()]
    .filter((name) => name !== '/' && parentOf(name) === path)
    .map((name) => name.slice(name.lastIndexOf('/') + 1))
    .sort();
}

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}
