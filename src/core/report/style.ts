/** How a terminal, or a plain file, marks text. */
export type Style = {
  readonly [Name in 'bold' | 'red' | 'yellow' | 'green' | 'cyan' | 'dim']: (text: string) => string;
};

function same(text: string): string {
  return text;
}

export const plainStyle: Style = {
  bold: same,
  red: same,
  yellow: same,
  green: same,
  cyan: same,
  dim: same,
};
