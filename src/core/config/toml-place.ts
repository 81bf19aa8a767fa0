import type { Position } from '../diagnostic.ts';

/** What is said of a syntax error; with a position where another place is meant than the parser stopped at. */
export type Wording = {
  readonly message: string;
  readonly help?: string;
  readonly position?: Position;
};

/** What stands around the place of a syntax error. */
export type Place = {
  /** All of the text up to the line of the place, which is the last. */
  readonly lines: readonly string[];
  readonly line: number;
  readonly column: number;
  /** Of the line, what is before the place. */
  readonly before: string;
  /** From the place to the end of its line. */
  readonly rest: string;
  readonly isLineEnd: boolean;
};

/** Blanks that the parser stopped at are passed over: what is wrong stands behind them. */
export function placeAt(
  text: string,
  { line, column: stopped }: { readonly line: number; readonly column: number },
): Place {
  const lines = text.split(/\r?\n/).slice(0, line);
  const last = lines.at(-1) ?? '';
  const isLineEnd = last.slice(stopped - 1).trim() === '';
  const blanks = isLineEnd ? 0 : last.slice(stopped - 1).search(/[^ \t]/);
  const column = stopped + blanks;
  const before = last.slice(0, column - 1);
  return { lines, line, column, before, rest: last.slice(column - 1), isLineEnd };
}
