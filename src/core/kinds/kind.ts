import type { Artefact, Group, Owner } from '../render/artefact.ts';
import { type FileArtefact, type FileKind, ROOT } from '../render/artefact.ts';
import type { Desired } from '../resolve/desired.ts';

/** A kind of thing that a config makes on a host: what lies there for it. */
export type Kind = {
  readonly id: string;
  readonly artefacts: (desired: Desired) => readonly Artefact[];
};

type FileOptions = {
  readonly kind: FileKind;
  readonly group: Group;
  readonly source: string;
  readonly mode?: number;
  readonly owner?: Owner;
};

/** A file with the usual owner and mode: root, readable by all. */
export function file(path: string, text: string, options: FileOptions): FileArtefact {
  return {
    type: 'file',
    path,
    text,
    kind: options.kind,
    group: options.group,
    source: options.source,
    mode: options.mode ?? 0o644,
    owner: options.owner ?? ROOT,
    sensitive: false,
  };
}
