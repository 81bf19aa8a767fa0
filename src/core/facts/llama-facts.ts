import type { Account } from '../resolve/desired.ts';
import type { Facts } from './facts.ts';
import type { Listener } from './listening.ts';

/** How a path is found that an instance needs. `refused`: its account may not use it as it has to. */
export type PathState =
  | 'ok'
  | 'absent'
  | 'refused'
  | 'directory'
  | 'no-directory'
  /** It holds files of others, and systemd would give all of it to the account. */
  | 'foreign';

/** What a host says to a llama.cpp file. */
export type LlamaFacts = Pick<
  Facts,
  'systemd' | 'systemdVersion' | 'distribution' | 'ownProgram' | 'missing'
> & {
  /** Whom the instances run as; undefined: an account that systemd makes up. */
  readonly account: Account | undefined;
  readonly gpuGroups: readonly string[];
  /** Who waits for connections, instances that run included. */
  readonly listeners: readonly Listener[];
  readonly libraryDirectories: ReadonlySet<string>;
  /** By what the file calls them. A name without a slash is looked for where systemd looks. */
  readonly executables: ReadonlyMap<string, PathState>;
  readonly modelFiles: ReadonlyMap<string, PathState>;
  /** Directories of logs: those that have to be there, and those below /var/log that systemd makes. */
  readonly logDirectories: ReadonlyMap<string, PathState>;
};
