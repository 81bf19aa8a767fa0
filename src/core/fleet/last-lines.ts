/** Of what a command says, the end that says why it failed. */
const MOST_LINES = 6;
/** In code points. A line can be all of a megabyte, and a log on one line is none for people. */
const MOST_CHARACTERS = 300;

/**
 * Lines as they are shown of a command or a log: the last six, and of each its beginning. They are without secrets before,
 * as half of one is not known.
 */
export function lastLines(lines: readonly string[]): readonly string[] {
  return lines.slice(-MOST_LINES).map(shortLine);
}

/** The first 300 characters of a line, with `…` where there were more. */
export function shortLine(line: string): string {
  const characters = [...line.slice(0, 2 * MOST_CHARACTERS + 2)];
  if (characters.length <= MOST_CHARACTERS) return line;
  return `${characters.slice(0, MOST_CHARACTERS).join('')}…`;
}
