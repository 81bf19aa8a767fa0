import { visible } from '../control-characters.ts';

/** Of a comment, its mark included. */
const WIDTH = 100;

/** A text as comment lines, broken between words. Nothing in it begins a line of its own: the names of others may stand there. */
export function comment(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of visible(text).split(' ')) {
    if (line.length > 1 && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}

/** A key as it would be written; without a blank after its mark, so that it is no prose. */
export function commentedOut(line: string): string {
  return `#${line}`;
}

/** A basic string of TOML: as JSON writes it, but for DEL. */
export function tomlString(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

export function tomlStrings(texts: readonly string[]): string {
  return `[${texts.map(tomlString).join(', ')}]`;
}
