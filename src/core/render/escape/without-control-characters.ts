import { controlCharacter, visible } from '../../control-characters.ts';

/** The text as it is. The config rules refuse control characters with a line; one that comes here is a bug. */
export function withoutControlCharacters(text: string): string {
  const found = controlCharacter(text);
  if (found === undefined) return text;
  // The text itself may be a secret.
  const what = `${visible(found.character)} as character ${found.index + 1}`;
  throw new RangeError(`a control character cannot stand in a rendered file: ${what}`);
}
