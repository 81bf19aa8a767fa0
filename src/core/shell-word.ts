/** One word for sh, bash and zsh, whatever is in it. */
export function posixWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** So that it can be pasted into a shell as one word; quoted only where it has to be. */
export function pastedWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : posixWord(text);
}
