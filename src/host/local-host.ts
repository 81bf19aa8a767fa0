import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import type { CommandResult, FileMetadata, Host } from './host.ts';
import { spawn } from './spawn.ts';
import { parentOf, TreeReader } from './tree-reader.ts';
import { withDirectory } from './walk.ts';

export type LocalHostOptions = {
  /** Every path is below it; '' is the machine itself. */
  readonly root: string;
  /** The account that runs vllmd. */
  readonly uid: number;
  /** Only root can give files away. */
  readonly setsOwner: boolean;
};

const QUERY_TIMEOUT_MS = 60_000;

/** This machine, or a tree that looks like one. */
export function createLocalHost({ root, uid, setsOwner: owns }: LocalHostOptions): Host {
  const tree = new TreeReader(root, uid);
  const inParent = <Value>(
    path: string,
    use: (at: string, directoryFd: number) => Value,
  ): Value => {
    tree.forget();
    const name = path.slice(path.lastIndexOf('/') + 1);
    return withDirectory(root === '' ? '/' : root, parentOf(path), uid, (directory, fd) =>
      use(`${directory}/${name}`, fd),
    );
  };
  return {
    read: async (path) => tree.read(path),
    list: async (path) => tree.list(path),
    exists: async (path) => tree.exists(path),
    stat: async (path) => tree.stat(path),
    readBytes: async (path, count) => tree.readBytes(path, count),
    freeBytes: async (path) => tree.freeBytes(path),
    // The programs of this machine know nothing of a host whose files lie below another root.
    query: (argv) => (root === '' ? spawn(argv, QUERY_TIMEOUT_MS) : noProgram(argv)),
    run: (argv, timeoutMs) => spawn(argv, timeoutMs),
    write: async (path, text, metadata) =>
      inParent(path, (at) => replaceFile(at, text, metadata, owns)),
    link: async (path, target) => inParent(path, (at) => replaceLink(at, target)),
    mkdir: async (path, metadata) =>
      inParent(path, (at) => {
        mkdirSync(at, { mode: 0o700 });
        setMetadata(at, metadata, owns);
        syncParent(at);
      }),
    setMetadata: async (path, metadata) => inParent(path, (at) => setMetadata(at, metadata, owns)),
    remove: async (path) =>
      inParent(path, (at) => {
        unlinkSync(at);
        syncParent(at);
      }),
    removeDirectory: async (path) => inParent(path, removeDirectory),
  };
}

async function noProgram([program = '']: readonly string[]): Promise<CommandResult> {
  return { exitCode: 127, stdout: '', stderr: `${program} is not run below another root` };
}

/** A file of the old content or of the new one is there at every moment, with its final mode from the first. */
function replaceFile(at: string, text: string, metadata: FileMetadata, owns: boolean): void {
  const temporary = temporaryName(at);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const fd = openSync(temporary, flags, 0o600);
  try {
    try {
      writeFileSync(fd, text);
      if (owns) fchownSync(fd, metadata.uid, metadata.gid);
      fchmodSync(fd, metadata.mode);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, at);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  syncParent(at);
}

function replaceLink(at: string, target: string): void {
  const temporary = temporaryName(at);
  symlinkSync(target, temporary);
  try {
    renameSync(temporary, at);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
  syncParent(at);
}

/** In the same directory, where systemd ignores names that begin with a dot. */
function temporaryName(at: string): string {
  const cut = at.lastIndexOf('/');
  return `${at.slice(0, cut)}/.${at.slice(cut + 1)}.vllmd-${randomBytes(6).toString('hex')}`;
}

function setMetadata(at: string, metadata: FileMetadata, owns: boolean): void {
  const fd = openSync(at, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    // A second name of the file would get the mode as well: it could be one of root's files.
    const stats = fstatSync(fd);
    if (stats.isFile() && stats.nlink > 1) throw new Error(`${at} has several names`);
    if (owns) fchownSync(fd, metadata.uid, metadata.gid);
    fchmodSync(fd, metadata.mode);
  } finally {
    closeSync(fd);
  }
}

function removeDirectory(at: string): boolean {
  try {
    rmdirSync(at);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTEMPTY') return false;
    throw error;
  }
  syncParent(at);
  return true;
}

function syncParent(at: string): void {
  const fd = openSync(`${at.slice(0, at.lastIndexOf('/'))}/.`, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
