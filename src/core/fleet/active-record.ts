import type { Variables } from './template/variables.ts';

/** A runtime that was started: what is running, or what may still run. */
export type ActiveRecord = {
  readonly format_version: 1;
  readonly model_id: string;
  readonly backend_id: string | null;
  readonly host_ids: readonly string[];
  /** How each was reached; undefined in a record of before that was kept. */
  readonly hosts?: readonly RecordedHost[];
  /** false: something failed, and it may run or not. */
  readonly healthy: boolean;
  /** ISO 8601, UTC. */
  readonly started_at: string;
  /** undefined: nobody says where it listens. */
  readonly endpoint?: string | undefined;
  readonly fingerprint: string;
  /** Without secrets. */
  readonly variables: Variables;
  /** What vllmd started itself. */
  readonly processes: readonly RuntimeProcess[];
};

/** What leads to a host, without what opens its door. */
export type RecordedHost = {
  readonly id: string;
  readonly transport: 'local' | 'ssh';
  readonly host?: string;
  readonly port?: number;
  readonly user?: string;
};

/** A started command as its host knows it. */
export type RuntimeProcess = {
  readonly host_id: string;
  /** A transient unit, of the system or of the account; else undefined. */
  readonly unit?: { readonly name: string; readonly manager: 'system' | 'user' };
  /** Where there is no unit: the process group, and when its leader began, in clock ticks since boot. */
  readonly group?: { readonly pgid: number; readonly startTime: number };
  /** What each of its processes has in its environment as `VLLMD_RUNTIME`: it is known before there is a group. */
  readonly marker?: string;
  /** Path on that host. */
  readonly log: string;
};
