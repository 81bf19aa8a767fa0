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
  /** The account that runs vllmd may not look. */
  | { readonly type: 'hidden' }
  /** The way there leads through a link that others can change; nothing beyond it is looked at. */
  | { readonly type: 'unsafe'; readonly link: string };

/** One unit as `systemctl show` tells it. */
export type UnitState = {
  readonly loadState: string;
  readonly activeState: string;
  readonly subState: string;
  readonly mainPid: number;
};

export type Observed = {
  readonly entries: ReadonlyMap<string, Entry>;
  readonly units: ReadonlyMap<string, UnitState>;
  /** What is in the directories that vllmd made, by path. */
  readonly listings: ReadonlyMap<string, readonly string[]>;
};

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
