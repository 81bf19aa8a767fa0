/**
 * One problem, as data. `rule` is a stable id that programs and `vllmd explain` may rely on; the text may change.
 * `pointer` is a JSON pointer (RFC 6901) into the config tree, '' for the whole file.
 */
export type Diagnostic = {
  readonly severity: 'error' | 'warning';
  readonly rule: string;
  readonly pointer: string;
  /** Lower case, no full stop: the key, the rule and the value found. */
  readonly message: string;
  /** What the message stands on, line by line: the members of a group, say. */
  readonly detail?: readonly string[];
  /** What would work. */
  readonly help?: string;
  /** Which part of the entry the caret marks; the value unless said otherwise. */
  readonly mark?: 'key' | 'value';
  /** Of a value that is a text, the part that the caret marks, where the form of the file can tell its place. */
  readonly part?: { readonly start: number; readonly length: number };
  /** Other places that belong to it: where a name is used first, say. */
  readonly notes?: readonly Note[];
  /** About the machine and no line of the config: it is shown without a place. */
  readonly subject?: 'host';
  /** Known only for problems of the text itself (TOML syntax, encoding); others are located by `pointer`. */
  readonly position?: Position;
};

/** Another place of the config that a problem has to do with. */
export type Note = Pick<Diagnostic, 'pointer' | 'message' | 'mark' | 'position'>;

/**
 * A place in the source text. Line and column count from 1; columns and `length` are UTF-16 code units, as editors and
 * their protocols count them.
 */
export type Position = {
  readonly line: number;
  readonly column: number;
  /** On the first line. */
  readonly length: number;
  /** After the last character, of what ends on a later line. */
  readonly end?: { readonly line: number; readonly column: number };
};

export function errorAt(rule: string, pointer: string, message: string, help?: string): Diagnostic {
  return { severity: 'error', rule, pointer, message, ...(help === undefined ? {} : { help }) };
}

/** The same problem with one more place that belongs to it. */
export function withNote(problem: Diagnostic, pointer: string, message: string): Diagnostic {
  return { ...problem, notes: [...(problem.notes ?? []), { pointer, message }] };
}

/** The pointer of an entry of a table. */
export function below(at: string, key: string): string {
  const isPlain = !key.includes('~') && !key.includes('/');
  return isPlain ? `${at}/${key}` : at + pointer(key);
}

/** `pointer('runtimes', 0, 'name')` is `/runtimes/0/name`. */
export function pointer(...segments: readonly (string | number)[]): string {
  return segments
    .map((segment) => `/${String(segment).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}

export function pointerSegments(text: string): readonly string[] {
  if (text === '') return [];
  return text
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The way an operator writes it: `/runtimes/0/name` is `runtimes[0].name`, and a name with a dot in it has quotes. */
export function keyPath(text: string): string {
  return pointerSegments(text)
    .map((segment, at, all) => (isIndex(segment, at, all) ? `[${segment}]` : `.${word(segment)}`))
    .join('')
    .replace(/^\./, '');
}

/** Down to the keys of an instance a number is a name. */
function isIndex(segment: string, at: number, all: readonly string[]): boolean {
  return /^\d+$/.test(segment) && !(at < 3 && all[0] === 'instance');
}

function word(segment: string): string {
  return /^[\w-]+\.[\w.-]+$/.test(segment) ? `"${segment}"` : segment;
}
