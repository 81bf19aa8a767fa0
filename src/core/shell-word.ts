/** So that it can be pasted into a shell as one word; quoted only where it has to be. */
export function pastedWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
