import type { Readable, Writable } from 'node:stream';
import type { Layer } from '../core/resolve/layer.ts';
import type { ConfigFile, ReadLimits } from './config-file.ts';
import type { Host } from './host.ts';
import type { Interrupts } from './interrupts.ts';
import type { Lock, LockHolder, LockRequest } from './lock.ts';
import type { Servers } from './servers/servers.ts';

/** Everything outside that a command may use. Tests hand over another one. */
export type World = {
  /** Whose record and units its hosts are looked at for. */
  readonly layer: Layer;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What was typed after the name of the program. */
  readonly commandLine: readonly string[];
  /** The account that runs vllmd. */
  readonly uid: number;
  readonly version: string;
  readonly stdout: Output;
  readonly stderr: Output;
  /** For progress and what is good to know: stderr, or nowhere where the caller wants it quiet. */
  readonly notes: Output;
  /** Where somebody can be asked; undefined where nobody can. */
  readonly terminal: () => Terminal | undefined;
  /** '' is the machine itself. An abort of `until` cuts off what is being asked, which throws then. */
  readonly host: (root: string, until?: AbortSignal) => Host;
  /** A tree of the caller's own, whose files keep his as their owner. */
  readonly treeHost: (root: string) => Host;
  readonly readConfigFile: (path: string, limits?: ReadLimits) => ConfigFile;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Again and again, until what it returns is called. Keeps no program from its end. */
  readonly every: (milliseconds: number, tick: () => void) => () => void;
  /** Tells what goes on where it takes longer than a second, until what it returns is called. */
  readonly doing: (what: string, how?: Doing) => () => void;
  /** The right to change the host below `root`, for one process at a time. Throws where another one has it. */
  readonly lock: (root: string, request: LockRequest) => Promise<Lock>;
  /** Who changes this host at the moment; undefined when nobody does, or when it may not be seen. Never waits. */
  readonly lockHolder: (root: string) => Promise<LockHolder | undefined>;
  /** Keys that are pressed from now on, each at once and not shown, until what it returns is called; none without a terminal. */
  readonly onKey: (pressed: (key: string) => void) => () => void;
  /**
   * Called when nobody reads standard output any more, as far as that can be known before something is written, until
   * what it returns is called.
   */
  readonly onUnread: (gone: () => void) => () => void;
  /** From the call on, the signals that would end the program are noted instead. */
  readonly interrupts: () => Interrupts;
  readonly servers: Servers;
  /** From here on others see this in the place of the arguments of this process. */
  readonly hideArguments: (title: string) => void;
  /** The argv that starts this very program, for a unit that calls it later. */
  readonly self: readonly string[];
};

export type Doing = {
  /** How far it is; without it, how long it takes. */
  readonly detail?: (passedMs: number) => string;
  /** A line above says what it is, and what it runs need not be said besides. */
  readonly isTold?: true;
};

export type Terminal = { readonly input: Readable; readonly output: Writable };

export type Output = {
  readonly write: (text: string) => void;
  readonly hasColour: boolean;
  readonly isTerminal: boolean;
  /** Of the terminal as it is now; undefined where there is none, and so nothing to fit into. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** Nobody reads it any more. */
  readonly isGone?: boolean | undefined;
};

/** The same machine, looked at for another record. */
export function inLayer(world: World, layer: Layer): World {
  return {
    ...world,
    layer,
    host: (root, until) => ({ ...world.host(root, until), layer }),
  };
}
