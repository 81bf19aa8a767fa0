import { octal } from '../core/plan/octal.ts';
import type { CommandResult, FileMetadata, Host } from '../host/host.ts';

export type HostWatcher = {
  /** As a program begins; what it returns is called with what has become of it, if anything has. */
  readonly command: (
    argv: readonly string[],
    kind: 'run' | 'query',
  ) => (result: CommandResult | undefined) => void;
  /** After a change, in words. */
  readonly changed: (what: string) => void;
  /** Before each look at a file, where somebody wants to see how it goes on: files are read without a pause. */
  readonly breathe?: (() => Promise<void>) | undefined;
};

/** The same host; whoever watches is told of the programs that it runs and of what it changes. Not of texts. */
export function watchedHost(host: Host, watcher: HostWatcher): Host {
  const { command, changed, breathe } = watcher;
  const ran = async (ended: ReturnType<typeof command>, running: Promise<CommandResult>) => {
    let result: CommandResult | undefined;
    try {
      result = await running;
      return result;
    } finally {
      ended(result);
    }
  };
  return {
    ...host,
    ...(breathe === undefined ? {} : looks(host, breathe)),
    query: (argv) => ran(command(argv, 'query'), host.query(argv)),
    run: (argv, timeoutMs) => ran(command(argv, 'run'), host.run(argv, timeoutMs)),
    write: async (path, text, metadata) => {
      await host.write(path, text, metadata);
      changed(`write ${path} (${inWords(metadata)})`);
    },
    link: async (path, target) => {
      await host.link(path, target);
      changed(`link ${path} -> ${target}`);
    },
    mkdir: async (path, metadata) => {
      await host.mkdir(path, metadata);
      changed(`mkdir ${path} (${inWords(metadata)})`);
    },
    setMetadata: async (path, metadata, expected) => {
      await host.setMetadata(path, metadata, expected);
      changed(`correct ${path} (${inWords(metadata)})`);
    },
    ...removals(host, changed),
  };
}

function looks(host: Host, breathe: () => Promise<void>) {
  const rested = async <Value>(look: () => Promise<Value>): Promise<Value> => {
    await breathe();
    return look();
  };
  return {
    read: (path: string) => rested(() => host.read(path)),
    list: (path: string) => rested(() => host.list(path)),
    exists: (path: string) => rested(() => host.exists(path)),
    stat: (path: string) => rested(() => host.stat(path)),
    readBytes: (path: string, count: number) => rested(() => host.readBytes(path, count)),
  };
}

function removals(host: Host, changed: HostWatcher['changed']) {
  return {
    remove: async (path: string) => {
      await host.remove(path);
      changed(`remove ${path}`);
    },
    rename: async (path: string, name: string) => {
      await host.rename(path, name);
      changed(`rename ${path} to ${name}`);
    },
    copy: async (from: string, to: string) => {
      await host.copy(from, to);
      changed(`copy ${from} to ${to}`);
    },
    removeDirectory: async (path: string) => {
      const isGone = await host.removeDirectory(path);
      if (isGone) changed(`rmdir ${path}`);
      return isGone;
    },
  };
}

function inWords({ mode, uid, gid }: FileMetadata): string {
  return `mode ${octal(mode)}, owner ${uid}:${gid}`;
}
