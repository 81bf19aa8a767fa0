import type { DevicePin } from '../facts/device-pin.ts';
import type { LlamaInstance } from '../llama/instance.ts';
import type { Placement } from '../placement/place.ts';
import type { Artefact, Group, Owner } from '../render/artefact.ts';
import { type FileArtefact, type FileKind, ROOT } from '../render/artefact.ts';
import { renderTemplate, type TemplateName } from '../render/templates.ts';
import type { Desired } from '../resolve/desired.ts';
import type { ChVersion } from '../vm/version.ts';

/** What a rendering needs besides the config: all of it can be unknown, for a preview somewhere else. */
export type RenderContext = {
  readonly placements: ReadonlyMap<number, Placement>;
  /** Devices that are taken from the host. */
  readonly pins: readonly DevicePin[];
  /** Addresses among them that are virtual functions of an SR-IOV card. */
  readonly virtualFunctions: ReadonlySet<string>;
  readonly version: ChVersion | undefined;
  /** Width of the addresses that the host's IOMMU translates. */
  readonly addressBits: number | undefined;
  /** Text of the file that [guest] names; '' is none. */
  readonly userData: string;
  /** What runs in guests, by the path of its file as the config has it; a file that is not known is none. */
  readonly llama: ReadonlyMap<string, readonly LlamaInstance[]>;
};

export const noContext: RenderContext = {
  placements: new Map(),
  pins: [],
  virtualFunctions: new Set(),
  version: undefined,
  addressBits: undefined,
  userData: '',
  llama: new Map(),
};

/** A kind of thing that a config makes on a host: what lies there for it. */
export type Kind = {
  readonly id: string;
  /** What it makes is shared by the runtimes, or one runtime's alone and so of no other one's making. */
  readonly scope: 'host' | 'runtime';
  readonly artefacts: (desired: Desired, context: RenderContext) => readonly Artefact[];
};

type FileOptions = {
  readonly kind: FileKind;
  readonly group: Group;
  readonly source: string;
  readonly mode?: number;
  readonly owner?: Owner;
  readonly sensitive?: boolean;
  readonly template?: TemplateName;
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
    sensitive: options.sensitive ?? false,
    ...(options.template === undefined ? {} : { template: options.template }),
  };
}

/** The same with the text of a template. */
export function rendered(
  path: string,
  template: TemplateName,
  view: object,
  options: FileOptions,
): FileArtefact {
  return file(path, renderTemplate(template, view), { ...options, template });
}
