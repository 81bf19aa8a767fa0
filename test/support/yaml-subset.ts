/**
 * Reads the part of YAML that cloud-hypervisor's OpenAPI file is written in: block mappings and sequences, plain and
 * quoted scalars, flow sequences of scalars, folded and literal texts, comments. Anything else is an error.
 */
export type Yaml = string | number | boolean | readonly Yaml[] | YamlMapping;
type YamlMapping = { readonly [key: string]: Yaml };

type Line = { readonly indent: number; readonly text: string; readonly number: number };

/** What was read, and the lines after it. */
type Read = { readonly value: Yaml; readonly rest: readonly Line[] };

const KEY = /^("[^"]*"|'[^']*'|[^\s'"[{#][^:]*):(?:\s+(.*))?$/;

export function parseYaml(source: string): Yaml {
  const lines = source.split('\n').flatMap(lineOf);
  const { value, rest } = readBlock(lines);
  const [left] = rest;
  if (left !== undefined) throw new Error(`line ${left.number}: unexpected ${left.text}`);
  return value;
}

function lineOf(source: string, index: number): readonly Line[] {
  const text = source.replace(/(^|\s)#.*$/, '').trimEnd();
  if (text.trim() === '') return [];
  return [{ indent: text.length - text.trimStart().length, text: text.trim(), number: index + 1 }];
}

function readBlock(lines: readonly Line[]): Read {
  const [first] = lines;
  if (first === undefined) return { value: '', rest: [] };
  if (isItem(first)) return readSequence(lines, first.indent);
  if (KEY.test(first.text)) return readMapping(lines, first.indent);
  return { value: lines.map(({ text }) => text).join(' '), rest: [] };
}

function readMapping(lines: readonly Line[], indent: number): Read {
  const value: Record<string, Yaml> = {};
  let rest = lines;
  for (let line = rest[0]; line !== undefined && line.indent === indent; line = rest[0]) {
    const [, key, text = ''] = KEY.exec(line.text) ?? [];
    if (key === undefined) throw new Error(`line ${line.number}: no key in ${line.text}`);
    const inner = below(rest.slice(1), line);
    value[unquoted(key)] = readValue(text, inner);
    rest = rest.slice(1 + inner.length);
  }
  return { value, rest };
}

function readSequence(lines: readonly Line[], indent: number): Read {
  const value: Yaml[] = [];
  let rest = lines;
  for (let line = rest[0]; line?.indent === indent && isItem(line); line = rest[0]) {
    const text = line.text.slice(1).trimStart();
    const inner = below(rest.slice(1), line);
    const start = { ...line, indent: indent + line.text.length - text.length, text };
    value.push(
      KEY.test(text) ? readMapping([start, ...inner], start.indent).value : readValue(text, inner),
    );
    rest = rest.slice(1 + inner.length);
  }
  return { value, rest };
}

/** The lines that belong to a key; a sequence may stand as far left as its key. */
function below(lines: readonly Line[], { indent, text }: Line): readonly Line[] {
  const isOpen = text.endsWith(':');
  const end = lines.findIndex(
    (line) => line.indent < indent || (line.indent === indent && !(isOpen && isItem(line))),
  );
  return end < 0 ? lines : lines.slice(0, end);
}

function readValue(text: string, inner: readonly Line[]): Yaml {
  if (text === '') return readBlock(inner).value;
  const words = inner.map((line) => line.text);
  if (text === '|' || text === '>') return words.join(' ');
  if (text.startsWith('[') && text.endsWith(']')) return flow(text.slice(1, -1));
  return scalar([text, ...words].join(' '));
}

function flow(text: string): readonly Yaml[] {
  return text.trim() === '' ? [] : text.split(',').map((item) => scalar(item.trim()));
}

function scalar(text: string): Yaml {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+$/.test(text) ? Number(text) : unquoted(text);
}

function unquoted(text: string): string {
  return /^(["']).*\1$/.test(text) ? text.slice(1, -1) : text;
}

function isItem({ text }: Line): boolean {
  return text === '-' || text.startsWith('- ');
}
