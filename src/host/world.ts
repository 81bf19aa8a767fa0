import type { ConfigFile } from './config-file.ts';
import type { Host } from './host.ts';

/** Everything outside that a command may use. Tests hand over another one. */
export type World = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The account that runs vllmd. */
  readonly uid: number;
  readonly version: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** '' is the machine itself. */
  readonly host: (root: string) => Host;
  /** A tree of the caller's own, whose files keep his as their owner. */
  readonly treeHost: (root: string) => Host;
  readonly readConfigFile: (path: string) => ConfigFile;
};

export type Output = {
  readonly write: (text: string) => void;
  readonly hasColour: boolean;
  readonly isTerminal: boolean;
};
