/** How a terminal is told of colours: it takes no room. */
const SGR = /\p{Cc}\[[\d;]*m/gu;
const MARK = /\p{M}/u;
const WIDE =
  /[\p{Emoji_Presentation}\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff01-\uff60]/u;

/** Nearly every text is: the others take an engine that has to learn of all scripts first. */
const PLAIN = /^[ -~]*$/;

/** Terminal columns: none for a combining mark or a colour, two for a wide character. */
export function textWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let count = 0;
  for (const character of withoutColours(text)) count += characterWidth(character);
  return count;
}

export function withoutColours(text: string): string {
  return PLAIN.test(text) ? text : text.replace(SGR, '');
}

function characterWidth(character: string): number {
  if (MARK.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** The beginning of a text without colours, with … where something is left out. */
export function shortened(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = '';
  let count = 1;
  for (const character of text) {
    count += characterWidth(character);
    if (count > width) break;
    kept += character;
  }
  return `${kept.trimEnd()}…`;
}
