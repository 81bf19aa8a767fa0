const CONTROL = /[\p{Cc}\u2028\u2029\p{Noncharacter_Code_Point}]/u;

/**
 * The first character that no unit, environment or VM file may hold: a line break, NUL, escape and the like. So are
 * noncharacters such as U+FFFE: to systemd a line that holds one is not UTF-8, and it ignores the line.
 */
export function controlCharacter(
  text: string,
): { readonly character: string; readonly index: number } | undefined {
  const match = CONTROL.exec(text);
  return match === null ? undefined : { character: match[0], index: match.index };
}

/** The same of a text of several lines, which stay lines; tabs are as good as blanks. */
export function visibleLines(text: string): string {
  return text.replace(/[^\n\t]+/g, visible);
}

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu;

/** Invisible and line-breaking characters as `\n` or `\u{1b}`, so that a value cannot forge output. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\r') return '\\r';
    if (character === '\t') return '\\t';
    return `\\u{${Number(character.codePointAt(0)).toString(16)}}`;
  });
}
