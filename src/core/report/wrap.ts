import { textWidth, withoutColours } from './text-width.ts';

/** Narrower than this, lines that are broken are no easier to read. */
const LEAST = 40;

/**
 * A line, broken at blanks where it is wider than the terminal; what follows is indented. A command in backticks stays
 * in one piece, so that it can be copied. Undefined: no terminal, nothing is broken.
 */
export function wrap(
  line: string,
  width: number | undefined,
  indent: string | undefined = '',
): readonly string[] {
  if (width === undefined || width < LEAST || textWidth(line) <= width) return [line];
  const [margin = ''] = /^\s*/.exec(line) ?? [];
  const lines: string[] = [];
  let current = margin;
  let isEmpty = true;
  for (const word of line.trimStart().match(/(?:`[^`]*`|\S)+/g) ?? []) {
    const candidate = isEmpty ? current + word : `${current} ${word}`;
    if (isEmpty || textWidth(candidate) <= width) {
      current = candidate;
    } else {
      lines.push(current);
      current = indent + word;
    }
    isEmpty = false;
  }
  return [...lines, current];
}

const PROSE = /^(\s*(?:= )?)(?:help: |(?:error|warning|note)(?:\[[\w-]+\])?: )/;

/** Messages and their help, broken to the terminal. Excerpts, trees and places of files stay as they are. */
export function wrapProse(text: string, width: number | undefined): string {
  if (width === undefined) return text;
  return text
    .split('\n')
    .flatMap((line) => {
      const [start, margin] = PROSE.exec(withoutColours(line)) ?? [];
      if (start === undefined || margin === undefined) return [line];
      const indent = start.trim().endsWith('help:') ? start.length : margin.length + 2;
      return wrap(line, width, ' '.repeat(indent));
    })
    .join('\n');
}
