import { shellWord } from './completion/shell-word.ts';

/** Words as they are typed, quoted where a shell would read them otherwise. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => (isPlain(word) ? word : shellWord(word))).join(' ');
}

function isPlain(word: string): boolean {
  return /^[\w@%+=:,./-]+$/.test(word);
}
