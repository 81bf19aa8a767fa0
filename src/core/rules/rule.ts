import type { Diagnostic } from '../diagnostic.ts';
import type { Draft } from './draft.ts';

/** A promise about several keys, or about a key in a way the schema cannot say. */
export type Rule = {
  readonly id: string;
  readonly check: (draft: Draft) => readonly Diagnostic[];
};
