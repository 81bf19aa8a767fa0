import { withoutColours } from './text-width.ts';

const glyphs: readonly (readonly [string, string])[] = [
  ['├─', '|-'],
  ['└─', '`-'],
  ['│', '|'],
  ['→', '->'],
  ['×', 'x'],
  ['…', '...'],
  ['’', "'"],
];

const EXCERPT = /^\s*\d+ \|/;

/** The same for messages; lines of a file stay as they are, so that carets point where they should. */
export function framesInAscii(text: string): string {
  return text
    .split('\n')
    .map((line) => (EXCERPT.test(withoutColours(line)) ? line : drawnInAscii(line)))
    .join('\n');
}

/** What vllmd draws and writes itself, for a terminal that has ASCII only. What a file or a device is called stays. */
export function drawnInAscii(text: string): string {
  return glyphs.reduce((drawn, [glyph, ascii]) => drawn.replaceAll(glyph, ascii), text);
}
