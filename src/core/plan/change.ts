import type { Artefact, Group } from '../render/artefact.ts';
import type { Entry } from './observed.ts';

/** One path that will be different afterwards. */
export type Change = {
  readonly verb: 'create' | 'update' | 'delete' | 'metadata';
  readonly type: 'file' | 'link' | 'directory' | 'data';
  readonly path: string;
  readonly group: Group;
  /** A stable code, with what it is about behind a colon. */
  readonly reason: string;
  readonly before: Entry;
  /** Absent when the path is removed. */
  readonly after?: Artefact;
  readonly sensitive: boolean;
  /** What lies there now is the operator's: it is copied into the backups before it is replaced. */
  readonly keepsBackup?: true;
  /** A backup that takes the place of what is removed. */
  readonly restores?: string;
};

/** A path where bytes of the operator would be lost, or that cannot be trusted. Nothing is installed while there is one. */
export type Conflict = {
  readonly kind: 'foreign' | 'drifted' | 'unsafe' | 'masked' | 'shadowed';
  readonly path: string;
  readonly detail: string;
  readonly actual: Entry;
  readonly desired?: Artefact;
  readonly sensitive: boolean;
  /** The text that vllmd wrote last, where it is still known. */
  readonly last?: string;
};

export type Notice = { readonly path?: string; readonly unit?: string; readonly text: string };
