import type { Output } from '../host/world.ts';

/** The same output, whose size goes on being that of its terminal, with another way to it. */
export function writingTo(output: Output, write: (text: string) => void): Output {
  const { hasColour, isTerminal } = output;
  return {
    write,
    hasColour,
    isTerminal,
    get columns() {
      return output.columns;
    },
    get rows() {
      return output.rows;
    },
    get isGone() {
      return output.isGone;
    },
  };
}
