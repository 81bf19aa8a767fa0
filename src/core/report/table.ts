import { columns } from './columns.ts';
import { shortened, textWidth } from './text-width.ts';

export type Column = {
  readonly title: string;
  /** May be shortened to this width; its cells have no colours. */
  readonly least?: number;
  /** Is broken at blanks then; only a word that is wider is cut. */
  readonly breaks?: true;
  /** May be left out where there is no room; the lowest goes first. */
  readonly rank?: number;
};

/** Several lines stand below each other in one row. */
export type Cell = string | readonly string[];

export type Table = {
  readonly lines: readonly string[];
  /** Titles of columns that found no room. */
  readonly leftOut: readonly string[];
};

const GAP = 2;

/**
 * Rows below their titles. What does not fit the terminal is shortened first, then columns are left out; undefined: no
 * terminal, everything is there. An empty column is not shown.
 */
export function table(
  titles: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width: number | undefined,
  mark: (title: string) => string = (title) => title,
): Table {
  const all = titles
    .map((column, at) => measured(column, rows, at))
    .filter(({ isEmpty }) => !isEmpty);
  const shown = width === undefined ? all : withRoom(all, width);
  const sizes = width === undefined ? shown.map(({ full }) => full) : sizesIn(shown, width);
  const lines = rows.flatMap((row) => rowLines(row, shown, sizes));
  const head = shown.map(({ title }) => mark(title));
  return {
    lines: columns([head, ...lines]),
    leftOut: all.filter((column) => !shown.includes(column)).map(({ title }) => title),
  };
}

type Measured = Column & {
  readonly at: number;
  readonly full: number;
  /** What it needs at the least. */
  readonly needed: number;
  readonly isEmpty: boolean;
};

function measured(column: Column, rows: readonly (readonly Cell[])[], at: number): Measured {
  const texts = rows.flatMap((row) => row[at] ?? '');
  const full = Math.max(textWidth(column.title), ...texts.map(textWidth));
  const needed = Math.max(textWidth(column.title), Math.min(full, column.least ?? full));
  return { ...column, at, full, needed, isEmpty: texts.every((text) => text === '') };
}

function withRoom(all: readonly Measured[], width: number): readonly Measured[] {
  const fits = (columns: readonly Measured[]) =>
    total(columns.map(({ needed }) => needed)) <= width;
  const leaving = all
    .filter(({ rank }) => rank !== undefined)
    .toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0));
  const gone = new Set<Measured>();
  const left = () => all.filter((column) => !gone.has(column));
  for (const column of leaving) if (!fits(left())) gone.add(column);
  // A wide one that had to go may have made room for another.
  for (const column of leaving.toReversed()) {
    const wasGone = gone.delete(column);
    if (wasGone && !fits(left())) gone.add(column);
  }
  return left();
}

/** What is left over goes to the columns that can be shortened, from the left. */
function sizesIn(shown: readonly Measured[], width: number): readonly number[] {
  let left = width - total(shown.map(({ needed }) => needed));
  return shown.map(({ full, needed }) => {
    const more = Math.min(Math.max(0, left), full - needed);
    left -= more;
    return needed + more;
  });
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, GAP * (widths.length - 1));
}

function rowLines(
  row: readonly Cell[],
  shown: readonly Measured[],
  sizes: readonly number[],
): readonly (readonly string[])[] {
  const stacks = shown.map(({ at, breaks }, column) => {
    const cell = row[at] ?? '';
    const lines = typeof cell === 'string' ? [cell] : cell;
    return lines.flatMap((text) => fitted(text, sizes[column] ?? 0, breaks === true));
  });
  const height = Math.max(1, ...stacks.map((stack) => stack.length));
  return Array.from({ length: height }, (_, line) => stacks.map((stack) => stack[line] ?? ''));
}

function fitted(text: string, size: number, breaks: boolean): readonly string[] {
  if (textWidth(text) <= size) return [text];
  if (!breaks) return [shortened(text, size)];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    const longer = `${last} ${word}`;
    if (last === undefined || textWidth(longer) > size) lines.push(shortened(word, size));
    else lines[lines.length - 1] = longer;
  }
  return lines;
}
