/**
 * Reads unit files and drop-ins as systemd does: systemd.syntax(7), systemd.unit(5) and systemd.service(5). What systemd
 * would ignore with a warning is an error here.
 */
export type Assignment = {
  readonly section: string;
  readonly key: string;
  /** As it is handed to what reads this key: quotes, escapes and specifiers are still in it. */
  readonly value: string;
};

/** systemd.syntax(7). */
const LONGEST_LINE = 1_048_576;

export function readUnitFile(text: string): readonly Assignment[] {
  const assignments: Assignment[] = [];
  let section = '';
  for (const line of logicalLines(text)) {
    const invalid = /[\p{Noncharacter_Code_Point}\p{Cs}]/u.test(line);
    if (invalid) throw new Error(`not UTF-8 for systemd: ${line}`);
    const header = /^\[(.*)\]$/.exec(line)?.[1];
    if (header !== undefined) section = header;
    else assignments.push(readAssignment(line, section));
  }
  return assignments;
}

function readAssignment(line: string, section: string): Assignment {
  const sign = line.indexOf('=');
  if (sign < 1 || section === '') throw new Error(`systemd ignores this line: ${line}`);
  return { section, key: strip(line.slice(0, sign)), value: strip(line.slice(sign + 1)) };
}

/** A line that ends with a backslash goes on in the next one; comments in between are left out. */
function logicalLines(text: string): readonly string[] {
  const lines: string[] = [];
  let before = '';
  for (const written of text.split('\n')) {
    const line = written.replace(/^[ \t\r]+/, '');
    if (/^[#;]/.test(line)) continue;
    if (endsEscaped(line)) before += `${line.slice(0, -1)} `;
    else {
      lines.push(strip(before + line));
      before = '';
    }
  }
  const whole = [...lines, strip(before)].filter((line) => line !== '');
  if (whole.some((line) => Buffer.byteLength(line) > LONGEST_LINE))
    throw new Error('a line is too long');
  return whole;
}

function endsEscaped(line: string): boolean {
  return /^(?:[^\\]|\\[\s\S])*\\$/.test(line);
}

function strip(text: string): string {
  return text.replace(/^[ \t\n\r]+|[ \t\n\r]+$/g, '');
}

/** A part of a word: in quotes, behind a backslash, or plain. */
const PART = /"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|\\([\s\S])|([^"'\\])/uy;

/** What a backslash makes of the character behind it. */
type Unescape = (character: string) => string;

const itself: Unescape = (character) => character;

/** Command lines know the escapes of C besides, of which these are used; lists of paths do not. */
const asInC: Unescape = (character) => {
  if (character === 'n') return '\n';
  return character === 't' ? '\t' : character;
};

/** Words of a list: quotes and backslashes are taken away. Where `separators` has a colon, it parts words as well. */
export function wordsOf(
  value: string,
  separators = ' \t',
  toCharacter: Unescape = itself,
): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (const { text, isPlain } of partsOf(value, toCharacter)) {
    if (!(isPlain && separators.includes(text))) word = (word ?? '') + text;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}

function* partsOf(
  value: string,
  toCharacter: Unescape,
): Generator<{ readonly text: string; readonly isPlain: boolean }> {
  for (let at = 0; at < value.length; at = PART.lastIndex) {
    PART.lastIndex = at;
    const part = PART.exec(value);
    if (part === null) throw new Error(`unbalanced quotes, or a backslash at the end: ${value}`);
    const [, double, single, escaped, plain = ''] = part;
    const quoted = (double ?? single)?.replace(/\\([\s\S])/g, (_, one: string) => toCharacter(one));
    const behind = escaped === undefined ? undefined : toCharacter(escaped);
    yield { text: quoted ?? behind ?? plain, isPlain: plain !== '' };
  }
}

/** `%%`, and the specifiers of an instance. */
export function withSpecifiers(value: string, instance = ''): string {
  return value.replace(/%(.?)/gu, (written: string, name: string) => {
    if (name === '%') return '%';
    if (name === 'i' || name === 'I') return instance;
    throw new Error(`${written} in ${value} is a specifier`);
  });
}

/** The words of a command line with variables filled in: `${NAME}` anywhere, `$NAME` as a word, which may become several. */
export function commandOf(
  value: string,
  environment: ReadonlyMap<string, string>,
  instance = '',
): readonly string[] {
  const plain = value.replace(/^[-+!@:|]+/, '');
  // With a colon nothing is a variable.
  if (/^[-+!@|]*:/.test(value)) return commandWords(plain, instance);
  return commandWords(plain, instance).flatMap((word) => {
    const name = /^\$([A-Za-z_]\w*)$/.exec(word)?.[1];
    if (name !== undefined) return wordsOf(environment.get(name) ?? '');
    return word.replace(/\$(?:\$|\{(\w+)\})/g, (written: string, inside: string | undefined) =>
      inside === undefined ? written.slice(1) : (environment.get(inside) ?? ''),
    );
  });
}

function commandWords(text: string, instance: string): readonly string[] {
  return wordsOf(withSpecifiers(text, instance), ' \t', asInC);
}

/** All values of a key, in their order. */
export function valuesOf(assignments: readonly Assignment[], key: string): readonly string[] {
  return assignments.filter((assignment) => assignment.key === key).map(({ value }) => value);
}
