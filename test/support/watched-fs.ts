import type * as Fs from 'node:fs';

/** A call that a program has made: its name, the paths that it names or whose descriptors it uses, and its flags. */
export type Call = {
  readonly name: string;
  readonly paths: readonly string[];
  readonly flags: number;
};

let watcher: ((call: Call) => void) | undefined;

/** What `use` calls is told when it has returned, also where it has failed. What the watcher itself calls is not. */
export async function watching<Value>(
  watch: (call: Call) => void,
  use: () => Promise<Value>,
): Promise<Value> {
  watcher = watch;
  try {
    return await use();
  } finally {
    watcher = undefined;
  }
}

/** In the place of node:fs: `vi.mock('node:fs', …)`. */
export function watchedFs(fs: typeof Fs): typeof Fs {
  const opened = new Map<unknown, string>();
  const pathOf = (value: unknown): string[] => {
    if (typeof value === 'number') return [opened.get(value) ?? ''];
    return typeof value === 'string' ? [nameOf(fs, value)] : [];
  };
  const watched = (name: string, call: (...args: unknown[]) => unknown) => {
    return (...args: unknown[]): unknown => {
      const watch = watcher;
      if (watch === undefined) return call(...args);
      const paths = namedBy(name, args).flatMap(pathOf);
      const flags = name === 'openSync' && typeof args[1] === 'number' ? args[1] : 0;
      try {
        const value = call(...args);
        if (name === 'openSync') opened.set(value, paths[0] ?? '');
        return value;
      } finally {
        watcher = undefined;
        watch({ name, paths, flags });
        watcher = watch;
      }
    };
  };
  const own = Object.entries(fs).map(([name, value]) => [
    name,
    name.endsWith('Sync') && typeof value === 'function'
      ? watched(name, (...args) => Reflect.apply(value, fs, args))
      : value,
  ]);
  return Object.fromEntries(own);
}

/** The target of a link is only a text. */
function namedBy(name: string, args: readonly unknown[]): readonly unknown[] {
  if (name === 'symlinkSync') return args.slice(1, 2);
  return args.slice(0, name === 'renameSync' || name === 'linkSync' ? 2 : 1);
}

/** Where a name below /proc/self/fd leads. */
function nameOf(fs: typeof Fs, path: string): string {
  if (!path.startsWith('/proc/self/fd/')) return path;
  const [, fd = '', rest = ''] = /^\/proc\/self\/fd\/(\d+)(.*)$/.exec(path) ?? [];
  return fs.readlinkSync(`/proc/self/fd/${fd}`) + rest;
}
