import { visible } from '../control-characters.ts';
import type { Position } from '../diagnostic.ts';
import { textWidth } from './text-width.ts';

export type Excerpt = {
  readonly line: string;
  /** Spaces and carets that stand below the line. */
  readonly carets: string;
};

const WIDTH = 100;
/** How much of a long line is kept before the caret. */
const BEFORE = 40;

/** The part of a source line around a position, and carets below it, both safe to print. */
export function excerpt(source: string, { column, length }: Position): Excerpt {
  const at = boundary(source, Math.min(column - 1, source.length));
  const isLong = source.length > WIDTH;
  const start = isLong
    ? boundary(source, Math.max(0, Math.min(at - BEFORE, source.length - WIDTH)))
    : 0;
  const end = isLong ? boundary(source, Math.min(source.length, start + WIDTH)) : source.length;
  const markEnd = boundary(source, Math.min(end, at + length));
  const before = (start > 0 ? '…' : '') + shown(source.slice(start, at));
  const marked = shown(source.slice(at, markEnd));
  const after = shown(source.slice(markEnd, end)) + (end < source.length ? '…' : '');
  return {
    line: (before + marked + after).trimEnd(),
    carets: ' '.repeat(textWidth(before)) + '^'.repeat(Math.max(1, textWidth(marked))),
  };
}

/** The same place, moved out of a surrogate pair. */
function boundary(source: string, at: number): number {
  return /^[\udc00-\udfff]/.test(source.slice(at, at + 1)) ? at - 1 : at;
}

function shown(text: string): string {
  return visible(text.replaceAll('\t', '    '));
}
