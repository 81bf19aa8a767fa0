import { shortened } from '../core/report/text-width.ts';
import type { Output } from '../host/world.ts';

/** A line at the foot of a terminal that is written over, and that is gone before anything else is written. */
export type LiveLine = {
  readonly show: (text: string) => void;
  readonly erase: () => void;
};

const USUAL_COLUMNS = 80;

export function liveLine(output: Output): LiveLine {
  let shown = '';
  return {
    show: (text) => {
      // In the last column a terminal would go on to the next line.
      const line = shortened(text, (output.columns ?? USUAL_COLUMNS) - 1);
      if (line !== shown) output.write(`\r${line}\u001b[K`);
      shown = line;
    },
    erase: () => {
      if (shown !== '') output.write('\r\u001b[K');
      shown = '';
    },
  };
}
