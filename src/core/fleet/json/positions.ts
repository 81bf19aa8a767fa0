import type { Position } from '../../diagnostic.ts';

/** A stretch of the text as a place in its lines. */
export type ToPosition = (offset: number, length: number) => Position;

/** Lines end as excerpts have them, with a line feed. */
export function positionsIn(text: string): ToPosition {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const placeOf = (offset: number) => {
    const line = lineOf(starts, offset);
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  };
  return (offset, length) => {
    const start = placeOf(offset);
    const end = placeOf(offset + length);
    if (start.line === end.line) return { ...start, length: Math.max(1, length) };
    const rest = text.slice(offset, (starts[start.line] ?? text.length) - 1).replace(/\r$/, '');
    return { ...start, length: Math.max(1, rest.length), end };
  };
}

/** The last line that begins at or before the offset. */
function lineOf(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}
