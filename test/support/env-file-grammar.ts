/**
 * Reads an environment file as systemd does: `EnvironmentFile=` in systemd.exec(5), and what systemd 252 was seen to do
 * where that page is silent. What systemd would drop, with a line in the journal that nobody reads, is an error here.
 */
export function readEnvironmentFile(text: string): ReadonlyMap<string, string> {
  const invalid = /[\p{Noncharacter_Code_Point}\p{Cs}]/u.exec(text)?.[0];
  if (invalid !== undefined) throw new Error(`not UTF-8 for systemd: ${codePoint(invalid)}`);
  const values = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    const start = endOfRun(text, at, /[ \t\n\r]*/y);
    if (/[#;]/.test(text.charAt(start))) at = endOfComment(text, start);
    else at = readAssignment(text, start, values);
  }
  return values;
}

type Read = { readonly value: string; readonly end: number };

/** A file that ends in a name without `=` is as good as one without that line. */
function readAssignment(text: string, start: number, values: Map<string, string>): number {
  const end = endOfRun(text, start, /[^=\n\r]*/y);
  if (text.charAt(end) !== '=') return end;
  const name = text.slice(start, end).trimEnd();
  const read = readValue(text, end + 1);
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new Error(`no name of a variable: ${name}`);
  // Tabs and line ends are allowed in a value.
  const control = /(?![\t\n\r\u0080-\u009f])\p{Cc}/u.exec(read.value)?.[0];
  if (control !== undefined) throw new Error(`${name}: systemd drops it: ${codePoint(control)}`);
  values.set(name, read.value);
  return read.end;
}

/** Parts in quotes and the blanks around them, then a plain rest, in which quotes are characters like others. */
function readValue(text: string, start: number): Read {
  let value = '';
  let at = start;
  for (;;) {
    at = endOfRun(text, at, /[ \t]*/y);
    const quote = text.charAt(at);
    if (quote !== "'" && quote !== '"') break;
    const part = quote === "'" ? readSingle(text, at + 1) : readDouble(text, at + 1);
    value += part.value;
    at = part.end;
  }
  const rest = readPlain(text, at);
  return { value: value + rest.value, end: rest.end };
}

function readSingle(text: string, start: number): Read {
  const end = endOfRun(text, start, /[^']*/y);
  return { value: text.slice(start, end), end: end + 1 };
}

/** A backslash stays, but before what a shell would take it away from too, or a line end. */
function readDouble(text: string, start: number): Read {
  const end = endOfRun(text, start, /(?:[^"\\]|\\[\s\S])*/y);
  const inside = text.slice(start, end);
  return { value: inside.replace(/\\(?:(["\\`$])|\n)/g, '$1'), end: end + 1 };
}

/** A backslash gives the next character as it is, or nothing for a line end; blanks at the end go, but for such. */
function readPlain(text: string, start: number): Read {
  const end = endOfRun(text, start, /(?:[^\\\n\r]|\\[\s\S])*/y);
  const written = text.slice(start, end).replace(/((?:[^\\]|\\[\s\S])*?)[ \t]*$/, '$1');
  return {
    value: written.replace(/\\([\s\S])/g, (_, next: string) => next.replace(/[\n\r]/, '')),
    end,
  };
}

/** systemd 254 ends a comment at its line end, older ones go on after a backslash: none of ours may depend on it. */
function endOfComment(text: string, start: number): number {
  const end = endOfRun(text, start, /[^\n\r]*/y);
  if (text.slice(start, end).endsWith('\\')) throw new Error('a comment ends with a backslash');
  return end;
}

function endOfRun(text: string, at: number, run: RegExp): number {
  run.lastIndex = at;
  return run.test(text) ? run.lastIndex : at;
}

function codePoint(character: string): string {
  return `U+${Number(character.codePointAt(0)).toString(16).toUpperCase()}`;
}
