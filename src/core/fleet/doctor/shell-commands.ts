/** A word of a command; undefined where it says something only when it runs: `$x`, `*`, `{port}`. */
export type ShellWord = {
  readonly text: string | undefined;
  readonly isQuoted: boolean;
  /** `NAME=…`, whatever its value is. */
  readonly isAssignment: boolean;
};

/**
 * The simple commands of a line for bash, each as its words, without redirections. Cautious: it ends where it does not
 * know how to go on (a here-document, say), and what is left out is not looked for.
 */
export function shellCommands(line: string): readonly (readonly ShellWord[])[] {
  const commands: ShellWord[][] = [[]];
  for (let at = 0; at < line.length; ) {
    const token = tokenAt(line, at);
    const current = commands.at(-1) ?? [];
    // A function is defined, or a list is assigned.
    const isUnknown = token?.operator === '(' && current.length > 0;
    if (isUnknown) commands.pop();
    if (token === undefined || isUnknown) break;
    if (token.word !== undefined) current.push(token.word);
    if (token.operator !== undefined) commands.push([]);
    at += token.length;
  }
  return commands.filter((words) => words.length > 0);
}

/** With neither a word nor an operator it is passed over. */
type Token = {
  readonly length: number;
  readonly word?: ShellWord;
  readonly operator?: string;
};

const BLANK = /^(?:[ \t]+|\\\n|#.*)/;
const HERE_DOCUMENT = /^\d*<<(?!<)/;
const REDIRECTION = /^\d*(?:&>>?|[<>]&\d*-?|>>|>\||<>|<<<|[<>](?!\())[ \t]*/;
const OPERATOR = /^(?:;;|&&|\|\||\|&|[;&|()\n])/;

/** undefined: what stands there is not understood. */
function tokenAt(line: string, at: number): Token | undefined {
  const rest = line.slice(at);
  const blank = BLANK.exec(rest)?.[0];
  if (blank !== undefined) return { length: blank.length };
  if (HERE_DOCUMENT.test(rest)) return undefined;
  const redirection = REDIRECTION.exec(rest)?.[0];
  if (redirection !== undefined)
    return { length: redirection.length + targetAt(line, at, redirection) };
  const operator = OPERATOR.exec(rest)?.[0];
  if (operator !== undefined) return { length: operator.length, operator };
  const { word, length } = wordAt(line, at);
  return length === 0 ? undefined : { length, word };
}

/** How long the name of its file is; `2>&1` has none. */
function targetAt(line: string, at: number, redirection: string): number {
  return /&[\d-]/.test(redirection) ? 0 : wordAt(line, at + redirection.length).length;
}

const NOTHING: ShellWord = { text: '', isQuoted: false, isAssignment: false };
const ASSIGNMENT = /^[A-Za-z_]\w*\+?=/;
const ENDS = /[\s;&|()<>]/;
/** What the shell replaces, and where a template puts a value. */
const REPLACED = /[$`*?[~]|\{[a-z_][a-z0-9_]*\}/;

/** One word, quotes and all; its length is 0 where none begins, or its quotes do not end. */
function wordAt(
  line: string,
  start: number,
): { readonly word: ShellWord; readonly length: number } {
  let text = '';
  let isQuoted = false;
  let isFixed = true;
  let at = start;
  while (at < line.length && !ENDS.test(line.charAt(at))) {
    const piece = pieceAt(line, at);
    if (piece === undefined) return { word: NOTHING, length: 0 };
    text += piece.text;
    isQuoted ||= piece.isQuoted;
    isFixed &&= piece.isFixed;
    at += piece.length;
  }
  const isAssignment = ASSIGNMENT.test(line.slice(start, at));
  return {
    word: { text: isFixed ? text : undefined, isQuoted, isAssignment },
    length: at - start,
  };
}

type Piece = {
  readonly text: string;
  readonly length: number;
  readonly isQuoted: boolean;
  readonly isFixed: boolean;
};

/** undefined: there is no end of it. */
function pieceAt(line: string, at: number): Piece | undefined {
  const rest = line.slice(at);
  const [whole, single, double] = /^(?:'([^']*)'|"((?:[^"\\]|\\[\s\S])*)")/.exec(rest) ?? [];
  if (whole !== undefined) {
    const inside = single ?? double ?? '';
    const isFixed =
      !/\{[a-z_][a-z0-9_]*\}/.test(inside) && (double === undefined || !/[$`\\]/.test(inside));
    return { text: inside, length: whole.length, isQuoted: true, isFixed };
  }
  const substitution = /^(?:\$\(|`)/.test(rest) ? substitutionLength(rest) : 0;
  if (substitution > 0) return { text: '', length: substitution, isQuoted: false, isFixed: false };
  if (/^(?:['"`]|\$\()/.test(rest)) return undefined;
  const escaped = /^\\([\s\S])/.exec(rest)?.[1];
  if (escaped !== undefined) return { text: escaped, length: 2, isQuoted: true, isFixed: true };
  const plain = /^(?:\$\{[^}]*\}|\{[a-z_][a-z0-9_]*\}|[\s\S])/.exec(rest)?.[0] ?? '';
  return { text: plain, length: plain.length, isQuoted: false, isFixed: !REPLACED.test(plain) };
}

/** Of `$(…)` or backticks; 0 where it does not end. Quotes within are not looked at: it is skipped as a whole. */
function substitutionLength(rest: string): number {
  if (rest.startsWith('`')) return rest.indexOf('`', 1) + 1;
  let depth = 0;
  for (let at = 1; at < rest.length; at += 1) {
    if (rest.charAt(at) === '(') depth += 1;
    if (rest.charAt(at) === ')') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return 0;
}
