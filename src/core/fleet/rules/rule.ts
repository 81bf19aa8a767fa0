import type { Mode } from '../../config/mode.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import type { Entry } from '../entries.ts';
import type { Section } from '../shape.ts';

/** A promise about several keys, or about a key in a way its kind does not say. */
export type FleetRule = {
  readonly id: string;
  /** `entry`: told with what else is wrong with that entry; `file`: behind all entries. */
  readonly of: 'entry' | 'file';
  readonly check: (subject: FleetSubject) => readonly Diagnostic[];
};

export type FleetSubject = {
  readonly entries: readonly Entry[];
  /** Those that are lists: of another one nobody knows what it was to hold. */
  readonly lists: ReadonlySet<Section>;
  readonly mode: Mode;
};
