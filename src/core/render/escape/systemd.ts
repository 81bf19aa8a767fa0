import { withoutControlCharacters } from './without-control-characters.ts';

/**
 * Escapers for systemd unit files, one a syntax of value (systemd.syntax(7), systemd.service(5)).
 * Control characters cannot be written in any of them, but for line ends and tabs in a command.
 */

/** A value that takes the rest of its line, such as `Description=`: only specifiers are special. */
export function unitText(value: string): string {
  // A backslash at the end of a line would join it with the next one; systemd strips the space again.
  return withoutControlCharacters(value.endsWith('\\') ? `${value} ` : value).replaceAll('%', '%%');
}

/** One word of a list of paths, such as `BindPaths=`, which is split at blanks and then at colons. */
export function unitWord(value: string): string {
  return (
    withoutControlCharacters(value)
      .replace(/[\s"'\\:]/g, '\\$&')
      // systemd takes blanks off the end of a line before it looks at what escapes them.
      .replace(/\\ $/, '" "')
      .replaceAll('%', '%%')
  );
}

/** A command line behind a colon, so that a dollar in it is nothing but that. Words may be empty. */
export function unitCommand(words: readonly string[]): string {
  return words.map(argument).join(' ');
}

function argument(word: string): string {
  withoutControlCharacters(word.replace(/[\n\t]/g, ' '));
  const text = word.replaceAll('%', '%%');
  if (/^[\w./:,@%+=-]+$/.test(text)) return text;
  const escaped = text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return `"${escaped}"`;
}
