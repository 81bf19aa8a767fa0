import type { Member } from '../resolve/member.ts';
import type { TemplateName } from './templates.ts';

/** A runtime or an instance, or 'shared' for what more than one of them depends on. */
export type Group = Member | 'shared';

/** Numbers are what is compared and written, names are what is shown. */
export type Owner = {
  readonly uid: number;
  readonly gid: number;
  readonly user: string;
  readonly group: string;
};

export const ROOT: Owner = { uid: 0, gid: 0, user: 'root', group: 'root' };

export type FileKind = 'unit' | 'dropin' | 'env' | 'vm' | 'script' | 'cloud-init' | 'host';

type Common = {
  /** Absolute, as on the host. */
  readonly path: string;
  readonly group: Group;
  /** JSON pointer of what in the config made it; '' for the whole file. */
  readonly source: string;
};

export type FileArtefact = Common & {
  readonly type: 'file';
  readonly kind: FileKind;
  readonly text: string;
  readonly mode: number;
  readonly owner: Owner;
  /** Its values are never shown. */
  readonly sensitive: boolean;
  /** What vllmd made it from, under templates/; absent where a program wrote it, or it comes from a record. */
  readonly template?: TemplateName;
};

/** A `.wants/` link: what `systemctl enable` would make. */
export type LinkArtefact = Common & {
  readonly type: 'link';
  readonly target: string;
  /** The unit that the link enables. */
  readonly unit: string;
};

export type DirectoryArtefact = Common & {
  readonly type: 'directory';
  readonly mode: number;
  readonly owner: Owner;
};

/** Inert data: what shall lie on the host. */
export type Artefact = FileArtefact | LinkArtefact | DirectoryArtefact;
