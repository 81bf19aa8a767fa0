import type { Entry, Exposure, FileStat } from '../core/plan/observed.ts';
import type { Layer } from '../core/resolve/layer.ts';

export type CommandResult = {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** A recording in which nobody has asked it: it says nothing about the host. */
  readonly isUnasked?: boolean;
};

/** The exit code of a program that was ended because it took too long. */
export const TIMED_OUT = 124;

/** Looks at a machine. What has only this cannot change anything. Throws for failures that are no answer (EIO). */
export type HostReader = {
  /** Whose record and units it is looked at for. */
  readonly layer: Layer;
  /** Without following a link at the end of the path; content only of regular files. */
  readonly read: (path: string) => Promise<Entry>;
  /** Names in a directory, sorted; undefined when there is none or it may not be read. */
  readonly list: (path: string) => Promise<readonly string[] | undefined>;
  /** As `test -e`: links are followed. */
  readonly exists: (path: string) => Promise<boolean>;
  /** Links are followed; undefined when there is nothing or it may not be seen. */
  readonly stat: (path: string) => Promise<FileStat | undefined>;
  /** The first bytes of a regular file, fewer when it is shorter; undefined when there is none or it may not be read. */
  readonly readBytes: (path: string, count: number) => Promise<Uint8Array | undefined>;
  /** Of a path, and of all directories on the way to it; undefined where nobody else can change them, or nothing is there. */
  readonly exposure: (path: string) => Promise<Exposure | undefined>;
  /** Bytes that an unprivileged account can still write to the filesystem of this path. */
  readonly freeBytes: (path: string) => Promise<number | undefined>;
  /** Runs a command that only reads. Exit code 127: there is no such program. */
  readonly query: (argv: readonly string[]) => Promise<CommandResult>;
};

export type FileMetadata = { readonly mode: number; readonly uid: number; readonly gid: number };

/** What a directory must be for its owner to be changed. */
export type ExpectedDirectory = {
  readonly uid: number;
  /** Names of what may be in it; anything where this is left out. */
  readonly holdsOnly?: readonly string[];
};

/** Changes a machine as well. Every write is whole or not there, and on disk when it returns. */
export type Host = HostReader & {
  readonly write: (path: string, text: string, metadata: FileMetadata) => Promise<void>;
  readonly link: (path: string, target: string) => Promise<void>;
  readonly mkdir: (path: string, metadata: FileMetadata) => Promise<void>;
  /** Of a directory; a file is written anew instead. Throws where it is another one than expected. */
  readonly setMetadata: (
    path: string,
    metadata: FileMetadata,
    expected: ExpectedDirectory,
  ) => Promise<void>;
  readonly remove: (path: string) => Promise<void>;
  /** Another name in the same directory, whatever it is. Links are not followed. */
  readonly rename: (path: string, name: string) => Promise<void>;
  /** A regular file with its bytes, mode and owner, over whatever file is there. Links are not followed. */
  readonly copy: (from: string, to: string) => Promise<void>;
  /** False when it is not empty, and then stays. */
  readonly removeDirectory: (path: string) => Promise<boolean>;
  readonly run: (argv: readonly string[], timeoutMs: number) => Promise<CommandResult>;
};
