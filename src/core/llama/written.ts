import type { TomlScalar } from '../config/toml-tree.ts';

/** A value of a file, and the place of it as a JSON pointer. */
export type Written<Value> = { readonly value: Value; readonly pointer: string };

/** What the value of an option may be; a `TomlScalar` is a float, or an integer beyond what a double holds. */
export type ServerScalar = string | number | boolean | TomlScalar;

/** One option of one instance, after the defaults of all instances and its own have been put together. */
export type ServerEntry = {
  /** Without the dashes in front: `ctx-size`. */
  readonly option: string;
  /** With them. */
  readonly flag: string;
  /** Of the key that decides. */
  readonly pointer: string;
  /** One for each time that the option is on the command line; a switch that is off has `false`. */
  readonly values: readonly Written<ServerScalar>[];
  readonly isList: boolean;
};

/** A table of options as it is written; what no option can have is left out. */
export type ServerTable = {
  readonly entries: readonly ServerEntry[];
  /** Words of `extra_args`. */
  readonly extraWords: readonly Written<string>[];
  /** What `src/core/llama/shape.ts` calls so; undefined for one that is like no other. */
  readonly shape: string | undefined;
};
