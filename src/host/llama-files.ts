import type { Diagnostic } from '../core/diagnostic.ts';
import type { LlamaInstance } from '../core/llama/instance.ts';

/** What is said of one file; `text` is for excerpts. */
type SaidOfFile = {
  readonly source: { readonly file: string; readonly text: string };
  readonly diagnostics: readonly Diagnostic[];
};

/** The llama.cpp files that a config names. */
export type LlamaFiles = {
  /** What is to run, by the path of its file as the config has it. */
  readonly instances: ReadonlyMap<string, readonly LlamaInstance[]>;
  /** What the host lacks: a file at an absolute path is the host's. */
  readonly problems: readonly Diagnostic[];
  /** Why the config is not valid: what is wrong in a file, or with one beside the config, which is a part of it. */
  readonly refused: readonly SaidOfFile[];
  readonly warned: readonly SaidOfFile[];
};

export const noLlamaFiles: LlamaFiles = {
  instances: new Map(),
  problems: [],
  refused: [],
  warned: [],
};
