import { pastedWord } from '../core/shell-word.ts';

/** Words as they are typed, quoted where a shell would read them otherwise. */
export function shellLine(words: readonly string[]): string {
  return words.map(pastedWord).join(' ');
}
