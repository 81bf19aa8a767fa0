/**
 * Words as one command line of llama-swap, which splits it as a shell does, but before that drops each line that begins with
 * `#` and the `\` at the end of a line, also within quotes, and replaces `${…}`.
 */
export function commandLine(words: readonly string[]): string {
  return words.map(word).join(' ');
}

function word(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text;
  const quoted = text
    .replaceAll("'", `'"'"'`)
    // Quotes that are closed and opened again stand for nothing, and no line or macro begins or ends there.
    .replaceAll(/\$(?=\{)/g, `$$''`)
    .replaceAll('\n', `''\n''`);
  return `'${quoted}'`;
}
