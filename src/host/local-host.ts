import { renameSync, rmdirSync, unlinkSync } from 'node:fs';
import { hostLayer } from '../core/resolve/layer.ts';
import { exchanged } from './exchanged.ts';
import type { CommandResult, Host } from './host.ts';
import { NESTED_ENV } from './lock.ts';
import { makeDirectory, setOwner } from './own-directory.ts';
import { copyFile, replaceFile, replaceLink, syncParent } from './replace-file.ts';
import { spawn } from './spawn.ts';
import { TreeReader } from './tree-reader.ts';
import { withDirectory } from './walk.ts';
import { nameOf, parentOf } from './ways.ts';

export type LocalHostOptions = {
  /** Every path is below it; '' is the machine itself. */
  readonly root: string;
  /** The account that runs vllmd. */
  readonly uid: number;
  /** Only root can give files away. */
  readonly setsOwner: boolean;
  /** Cuts queries off, which throw then. */
  readonly until?: AbortSignal | undefined;
};

const QUERY_TIMEOUT_MS = 60_000;

/** This machine, or a tree that looks like one. */
export function createLocalHost({ root, uid, setsOwner: owns, until }: LocalHostOptions): Host {
  const tree = new TreeReader(root, uid);
  const inParent = <Value>(
    path: string,
    use: (at: string, directoryFd: number) => Value,
  ): Value => {
    tree.forget();
    return withDirectory(root === '' ? '/' : root, parentOf(path), uid, (directory, fd) =>
      use(`${directory}/${nameOf(path)}`, fd),
    );
  };
  return {
    layer: hostLayer,
    read: async (path) => tree.read(path),
    list: async (path) => tree.list(path),
    exists: async (path) => tree.exists(path),
    stat: async (path) => tree.stat(path),
    exposure: async (path) => tree.exposure(path),
    readBytes: async (path, count) => tree.readBytes(path, count),
    freeBytes: async (path) => tree.freeBytes(path),
    // The programs of this machine know nothing of a host whose files lie below another root.
    query: (argv) => (root === '' ? spawn(argv, QUERY_TIMEOUT_MS, { until }) : noProgram(argv)),
    run: (argv, timeoutMs) => {
      tree.forget();
      return root === '' ? spawn(argv, timeoutMs, { env: NESTED_ENV }) : noProgram(argv);
    },
    write: async (path, text, metadata) =>
      inParent(path, (at) => replaceFile(at, text, metadata, owns)),
    link: async (path, target) => inParent(path, (at) => replaceLink(at, target)),
    mkdir: async (path, metadata) =>
      inParent(path, (at) => {
        if (!makeDirectory(at, metadata, { uid, setsOwner: owns })) throw exchanged(path);
      }),
    copy: async (from, to) =>
      inParent(from, (source, directoryFd) =>
        inParent(to, (at) => copyFile(source, directoryFd, at, { uid, setsOwner: owns })),
      ),
    setMetadata: async (path, metadata, expected) =>
      inParent(path, (at) => {
        if (!setOwner(at, metadata, expected, owns)) throw exchanged(path);
      }),
    remove: async (path) =>
      inParent(path, (at) => {
        unlinkSync(at);
        syncParent(at);
      }),
    rename: async (path, name) =>
      inParent(path, (at) => {
        renameSync(at, `${parentOf(at)}/${name}`);
        syncParent(at);
      }),
    removeDirectory: async (path) => inParent(path, removeDirectory),
  };
}

async function noProgram([program = '']: readonly string[]): Promise<CommandResult> {
  return { exitCode: 127, stdout: '', stderr: `${program} is not run below another root` };
}

function removeDirectory(at: string): boolean {
  try {
    rmdirSync(at);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // EBUSY: something is mounted there.
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EBUSY') return false;
    throw error;
  }
  syncParent(at);
  return true;
}
