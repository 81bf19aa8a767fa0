import type { ServerOption } from './option-table.ts';

/** Where the descriptions begin; what is longer than that has a line of its own. */
const SPEC_COLUMNS = 40;

/** What `llama-server --help` prints, as its options; of another text as many as it has lines that look like one. */
export function parseHelp(text: string): readonly ServerOption[] {
  const options: { names: string[]; value: string | null; env: string | null }[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (/^--?[a-zA-Z]/.test(line)) options.push({ ...specOf(line), env: null });
    const env = /\(env: ([A-Z][A-Z0-9_]*)\)/.exec(line)?.[1];
    const option = options.at(-1);
    if (env !== undefined && option !== undefined) option.env = env;
  }
  return options;
}

/** `-c,    --ctx-size N`: names with commas between them, and the placeholder of a value. */
function specOf(line: string): { names: string[]; value: string | null } {
  const isShort = line.length <= SPEC_COLUMNS || line.charAt(SPEC_COLUMNS - 1) === ' ';
  const spec = (isShort ? line.slice(0, SPEC_COLUMNS) : line).trim();
  const names: string[] = [];
  let rest = spec;
  for (let more = true; more; ) {
    const [whole = '', name = '', comma = ''] = /^(--?[a-zA-Z][\w.-]*)(,?)\s*/.exec(rest) ?? [];
    if (name !== '') names.push(name);
    rest = rest.slice(whole.length);
    more = comma !== '';
  }
  return { names, value: rest === '' ? null : rest };
}
