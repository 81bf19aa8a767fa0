import { controlCharacter, visible } from '../../control-characters.ts';

/** The text as it is. The config rules refuse control characters with a line; one that comes here is a bug. */
export function withoutControlCharacters(text: string): string {
  if (controlCharacter(text) === undefined) return text;
  throw new RangeError(`a control character cannot stand in a rendered file: ${visible(text)}`);
}
