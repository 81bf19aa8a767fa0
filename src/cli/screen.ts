import type { Output } from '../host/world.ts';

/** A block of lines on a terminal that takes the place of the one before it. */
export type Screen = {
  readonly draw: (lines: readonly string[]) => void;
  /** Leaves the last block and the terminal as they are to be. */
  readonly leave: () => void;
};

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
/** A line that is too long is cut by the terminal, so that it stays one line. */
const CUT = '\u001b[?7l';
const WRAP = '\u001b[?7h';
const CLEAR = '\u001b[H\u001b[2J';
const TO_LINE_END = '\u001b[K';
const TO_END = '\u001b[J';
const USUAL_ROWS = 24;

export function screenOn(output: Output): Screen {
  let drawn = 0;
  let size = '';
  return {
    draw: (lines) => {
      const { columns, rows = USUAL_ROWS } = output;
      const now = `${columns}x${rows}`;
      // A terminal of another width has broken the old lines anew: nobody knows how many there are.
      const isNew = size !== '' && size !== now;
      const back = drawn === 0 ? '' : `\u001b[${drawn}A\r`;
      const shown = cutTo(rows - 1, lines);
      const text = shown.map((line) => `${line}${TO_LINE_END}\n`).join('');
      // In one write: what is shown meanwhile is never half of it.
      output.write(`${HIDE_CURSOR}${CUT}${isNew ? CLEAR : back}${text}${TO_END}${WRAP}`);
      drawn = shown.length;
      size = now;
    },
    leave: () => output.write(SHOW_CURSOR),
  };
}

/** The last line stays: it says how to end this. */
function cutTo(most: number, lines: readonly string[]): readonly string[] {
  if (lines.length <= most) return lines;
  const kept = lines.slice(0, Math.max(0, most - 2));
  const left = lines.length - kept.length - 1;
  return [...kept, `… ${left} more lines: a higher window has them`, ...lines.slice(-1)];
}
