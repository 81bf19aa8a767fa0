/** What llama-swap makes of its config on Linux, as far as an export depends on it. */

const ENV_MACRO = /\$\{env\.([a-zA-Z_]\w*)\}/g;
const MACRO = /\$\{[\w-]+\}/;

/** The text of the config with variables in it, of which each has to be set. Values are meant for strings in double quotes. */
export function withEnvironment(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(ENV_MACRO, (_, name: string) => {
    const value = env[name];
    if (value === undefined) throw new Error(`${name} is not set`);
    return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
  });
}

/** The arguments of a process, the program first. A macro that nobody has defined is an error. */
export function argumentsOf(cmd: string, port: number): readonly string[] {
  const command = cmd.replaceAll(`\${PORT}`, String(port));
  if (MACRO.test(command)) throw new Error(`unknown macro: ${command}`);
  const lines = command
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .map((line) => (line.trim().endsWith('\\') ? `${line.trim().slice(0, -1)} ` : line));
  return split(lines.join('\n'));
}

/** Between quotes, behind a backslash, plain, or what stands between words. */
const PIECE = /'([^']*)'|"((?:\\[\s\S]|[^"\\])*)"|\\([\s\S])|([^\s'"\\]+)|\s+/gy;

/** As a shell, without anything that a shell would run or replace. */
function split(line: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let length = 0;
  for (const [piece, single, double, escaped, plain] of line.matchAll(PIECE)) {
    length += piece.length;
    const text = single ?? double?.replace(/\\([$`"\\])/g, '$1') ?? escaped ?? plain;
    if (text !== undefined) word = (word ?? '') + text;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  if (length < line.length) throw new Error(`a quote is not closed: ${line}`);
  return word === undefined ? words : [...words, word];
}
