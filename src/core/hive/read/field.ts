import type { Json } from '../documents.ts';
import type { Loc, Tell } from './problem.ts';

// What a document has where, as data: the decoder, the names of keys and the tests of the schemas are made from it.

/** What has no parts. */
type Scalar = 'boolean' | 'endpoint' | 'id' | 'line' | 'template' | 'text' | 'time';

/** What its author chooses the parts of. */
type Free = 'json' | 'map' | 'texts-by-name';

type Shape =
  | { readonly kind: Scalar }
  | { readonly kind: Free }
  | { readonly kind: 'integer' | 'number'; readonly least?: number; readonly most?: number }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  /** A line, or more than it says in an object. */
  | { readonly kind: 'line-or'; readonly object: ObjectShape }
  | { readonly kind: 'list'; readonly of: Field; readonly check?: Check }
  | ObjectShape;

export type ObjectShape = {
  readonly kind: 'object';
  readonly fields: Fields;
  /** Keys that the table does not have are kept. */
  readonly isOpen?: true;
  /** What no single field can tell. */
  readonly check?: Check;
};

/** Looks at what was sent, with its place. */
type Check = (value: unknown, loc: Loc, tell: Tell) => void;

export type Field = Shape & {
  /** What stands for a field that is not there, as a client would send it; a field without one is required. */
  readonly default?: Json;
  /** May be null. */
  readonly isNullable?: true;
  /** Without a default: it is left out where it is not there. */
  readonly isOptional?: true;
  /** It is checked, and nobody needs it. */
  readonly isDropped?: true;
};

export type Fields = Readonly<Record<string, Field>>;

/** The same field, null where it is not there. */
export function orNull(shape: Shape): Field {
  return { ...shape, default: null, isNullable: true };
}

export function withDefault(shape: Shape, value: Json): Field {
  return { ...shape, default: value };
}

export function optional(shape: Field): Field {
  return { ...shape, isOptional: true };
}
