/** Where something is in a document: keys, and indices of lists. */
export type Loc = readonly (string | number)[];

/** One thing that is wrong with a document, in the words that clients of the registry know. */
export type Problem = {
  /** `missing`, `string_type`, `value_error` and so on: for programs. */
  readonly type: string;
  readonly loc: Loc;
  readonly msg: string;
  /** What was found there; for what is missing, what it is missing from. */
  readonly input: unknown;
};

/** Takes one problem. */
export type Tell = (problem: Problem) => void;

/** A value, or why there is none. */
export type Reading<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly type: string; readonly msg: string };

export function read<Value>(value: Value): Reading<Value> {
  return { ok: true, value };
}

export function refused(type: string, msg: string): Reading<never> {
  return { ok: false, type, msg };
}
