import type { Mode } from '../../config/mode.ts';
import type { TomlTree } from '../../config/toml-tree.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import type { InstanceDraft, LlamaDraft } from '../draft.ts';
import type { Endpoint } from '../instance.ts';
import type { OptionTable } from '../options/option-table.ts';
import type { Uses } from '../uses.ts';

/** A promise about several keys, or about a key in a way the schema cannot say. */
export type LlamaRule = {
  readonly id: string;
  /** Two instances of one shape are both right or both wrong. */
  readonly judgesShape?: true;
  readonly check: (subject: LlamaSubject) => readonly Diagnostic[];
};

/** What rules are about. */
export type LlamaSubject = {
  readonly tree: TomlTree;
  readonly draft: LlamaDraft;
  /** Those that are to run. */
  readonly instances: readonly CheckedInstance[];
  /** Of these, one of each shape, and each that has none. */
  readonly examples: readonly CheckedInstance[];
  readonly table: OptionTable;
  readonly mode: Mode;
};

export type CheckedInstance = InstanceDraft & Uses & { readonly endpoint: Endpoint | undefined };
