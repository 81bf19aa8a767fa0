import type { Materials } from '../render/materials.ts';

/** Where a value comes from that lines depend on. Pointers are JSON pointers into the config. */
export type Origin =
  /** Written in the config. */
  | { readonly kind: 'config'; readonly pointer: string }
  /** Not written: the default of the schema. */
  | { readonly kind: 'default'; readonly pointer: string; readonly value: unknown }
  /** Not written, and without a default of its own: writing it would change the line. */
  | { readonly kind: 'unset'; readonly pointer: string }
  /** One key in all runtimes, where no single one of them decides. */
  | { readonly kind: 'every'; readonly key: string; readonly written: readonly string[] }
  /** Read on the host: what it is about, the fact in words, and where an operator can see it. */
  | {
      readonly kind: 'host';
      readonly name: string;
      readonly what: string;
      readonly where: string;
    };

/** `far` is another value altogether, the bounds of a number, say: it crosses thresholds that a small step does not. */
export type Reach = 'near' | 'far';

/** The same materials but for one value. */
export type Variant = {
  readonly materials: Materials;
  readonly reach: Reach;
  /** A table of the config is gone: what it made has not moved elsewhere. */
  readonly isRemoval: boolean;
};

export type Variable = {
  readonly origin: Origin;
  /** Its variants are all the values there are, and no samples. */
  readonly isChoice?: boolean;
  readonly variants: () => readonly Variant[];
};
