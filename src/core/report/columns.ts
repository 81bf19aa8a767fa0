import { textWidth } from './text-width.ts';
import { wrap } from './wrap.ts';

/** Rows as text with aligned columns; the last column is not padded. */
export function columns(rows: readonly (readonly string[])[], indent = ''): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, textWidth(cell));
    });
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => padded(cell, widths[column] ?? 0));
    return (indent + cells.join('  ')).trimEnd();
  });
}

/** The same, where the last column is broken to the terminal below itself, or below the row where it has little room. */
export function hangingColumns(
  rows: readonly (readonly string[])[],
  width: number | undefined,
  indent = '',
): readonly string[] {
  const starts = columns(
    rows.map((row) => [...row.slice(0, -1), '|']),
    indent,
  );
  return rows.flatMap((row, at) => {
    const start = (starts[at] ?? '').slice(0, -1);
    const last = row.at(-1) ?? '';
    const room = (width ?? Number.POSITIVE_INFINITY) - textWidth(start);
    if (textWidth(last) <= room) return [(start + last).trimEnd()];
    const below = `${indent}    `;
    const isRoomy = room >= LEAST_ROOM;
    const lines = wrap(last, isRoomy ? room : (width ?? 0) - below.length);
    const hang = isRoomy ? ' '.repeat(textWidth(start)) : below;
    return isRoomy
      ? lines.map((line, number) => (number === 0 ? start : hang) + line)
      : [start.trimEnd(), ...lines.map((line) => hang + line)];
  });
}

/** Of a column that is worth to be broken. */
const LEAST_ROOM = 40;

/** With blanks up to a width on the terminal. */
function padded(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - textWidth(text)));
}
