/** What lies at one path of the host. Modes are permission bits (0o644). */
export type Entry =
  | { readonly type: 'absent' }
  | {
      readonly type: 'file';
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      readonly text: string;
    }
  | {
      readonly type: 'directory';
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  /** `trusted`: only root (or whoever runs vllmd) can change where it leads. */
  | { readonly type: 'link'; readonly target: string; readonly trusted: boolean }
  | { readonly type: 'other'; readonly what: string }
  /** The account that runs vllmd may not look; `isUnrecorded`: a recording does not tell what was there, or its text. */
  | { readonly type: 'hidden'; readonly isUnrecorded?: true }
  /** The way there leads through a link that others can change; nothing beyond it is looked at. */
  | { readonly type: 'unsafe'; readonly link: string };

export type FileStat = {
  readonly type: 'file' | 'directory' | 'other';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** What it takes on the disk: less than its size where it has holes. */
  readonly allocatedBytes: number;
};

/** Where others than root and the caller can change what lies on the host. */
export type Exposure = {
  /** The first on the way. */
  readonly path: string;
  /** `belongs to uid 1000`, … */
  readonly why: string;
  readonly help: string;
};

/** One unit as `systemctl show` tells it. */
export type UnitState = {
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  readonly mainPid: number;
  /** Of the last stop or start: `success`, `timeout`, `exit-code`, … */
  readonly result?: string;
  /** How often systemd has started it again by itself. */
  readonly restarts?: number;
  /** Another one at every start; '' while it has not been started. */
  readonly invocation?: string;
  readonly needsReload?: boolean;
  /** Its last start has not found what the unit asserts. */
  readonly isUnmet?: boolean;
  readonly fragmentPath?: string;
  readonly dropInPaths?: readonly string[];
};

/** A file of the host that vllmd only reads. */
export type HostText = { readonly path: string; readonly text: string };

export type Observed = {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly units: ReadonlyMap<string, UnitState>;
  /** What is in the directories that vllmd made, by path. */
  readonly listings: ReadonlyMap<string, readonly string[]>;
  /** Drop-ins of the operator and of packages that runtimes are started with, by unit. */
  readonly dropIns: ReadonlyMap<string, readonly HostText[]>;
  /** What running runtimes say that they were started from, by index. */
  readonly booted: ReadonlyMap<number, readonly HostText[]>;
  /** Where else on this host there is a unit of a name that vllmd would use for the first time, by name. */
  readonly shadowed: ReadonlyMap<string, string>;
  /** Directories that are not as they shall be, and that may be somebody else's, moved to where they are. */
  readonly doubtful: ReadonlySet<string>;
};

/** How an operator says that something must not be there. */
export function isMask(entry: Entry | undefined): boolean {
  return entry?.type === 'link' && entry.target === '/dev/null';
}

export const absent: Entry = { type: 'absent' };

export function isActive(state: UnitState | undefined): boolean {
  return state?.activeState === 'active' || state?.activeState === 'reloading';
}

export function isStarting(state: UnitState | undefined): boolean {
  return state?.activeState === 'activating' && !isFailed(state);
}

/** A unit that systemd is about to start again counts as failed, though `is-failed` says no. */
export function isFailed(state: UnitState | undefined): boolean {
  return state?.activeState === 'failed' || state?.subState === 'auto-restart';
}
