import { configSensitive } from './config-input.gen.ts';
import { privateKeyAt } from './private-key.ts';
import { secretOptions, shortSecretFlags, withoutSpelling } from './sensitive-options.ts';

/** Stands for one character that is not shown; no TOML outside of strings, and one column wide. */
export const MASK = '•';

const NAMES: ReadonlySet<string> = new Set(
  [...Object.values(configSensitive).flat(), ...secretOptions.keys()].map(withoutSpelling),
);

function isSecretName(word: string): boolean {
  return word.length < LONGEST_KEY && NAMES.has(withoutSpelling(word));
}

/** A word of `extra_args` whose next one is a secret, or that has it within itself. */
const FLAGS = [
  ...[...secretOptions.keys()].map((name) => `--${name.replaceAll('-', '[-_]')}`),
  ...shortSecretFlags,
];
const FLAG = new RegExp(`^(["'])(?:${FLAGS.join('|')})(?:\\1$|=|\\s)`);

/**
 * The same text with the values of sensitive keys masked, character by character, so that all else keeps its place.
 * Also for text that is no TOML, in which a secret may be the very mistake: then rather too much is masked.
 */
export function maskSensitive(text: string): string {
  let masked = '';
  let word = '';
  let isInline = false;
  let isSecret = false;
  let at = 0;
  while (at < text.length) {
    const end = tokenEnd(text, at);
    const token = text.slice(at, end);
    // A colon is no TOML; what is behind one may still be the value that was meant.
    const isValue = (token === '=' || token === ':') && isSecretName(word);
    const valueEnd = isValue ? endOfValue(text, end, isInline) : end;
    if (token === '{' || token === '\n') isInline = token === '{';
    masked += maskToken(token, isSecret);
    isSecret = isSecretNext(token, isSecret);
    masked += maskValue(text.slice(end, valueEnd));
    if (!/^[ \t]+$/.test(token)) word = token.replace(/^(["'])(.*)\1$/, '$2');
    at = valueEnd;
  }
  return maskPrivateKeys(masked);
}

function maskToken(token: string, isSecret: boolean): string {
  if (token.startsWith('#')) return maskComment(token);
  const isString = /^["']/.test(token);
  const hasOwn = isString && FLAG.test(token) && /[=\s]/.test(token);
  return isString && (isSecret || hasOwn) ? maskString(token) : token;
}

/** What stands between two words of a list changes nothing. */
function isSecretNext(token: string, isSecret: boolean): boolean {
  if (/^["']/.test(token)) return !isSecret && FLAG.test(token);
  return isSecret && !/^[\]=]$/.test(token);
}

/** A string, a comment, a word, blanks, or one character. */
function tokenEnd(text: string, at: number): number {
  const first = text.charAt(at);
  if (first === '"' || first === "'") return stringEnd(text, at);
  if (first === '#') return lineEnd(text, at);
  return endOfRun(text, at, /[\w-]+|[ \t]+/y) ?? at + 1;
}

function endOfRun(text: string, at: number, run: RegExp): number | undefined {
  run.lastIndex = at;
  return run.test(text) ? run.lastIndex : undefined;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? text.length : end;
}

/** Behind the closing quotes; a string of one line that is not closed ends with its line. */
function stringEnd(text: string, at: number): number {
  const quote = text.charAt(at);
  const isLong = text.startsWith(quote.repeat(3), at);
  const closing = isLong ? quote.repeat(3) : quote;
  let next = at + closing.length;
  while (next < text.length && !text.startsWith(closing, next)) {
    if (!isLong && text.charAt(next) === '\n') return next;
    const isEscape = quote === '"' && text.charAt(next) === '\\';
    next += isEscape && text.charAt(next + 1) !== '\n' ? 2 : 1;
  }
  return Math.min(text.length, next + closing.length);
}

/** A line in an array that is not closed, where the next key begins. */
const NEXT_KEY = /[ \t]*(?:\[{1,2}[\w.-]+\]|[\w.-]+[ \t]+=[ \t])/y;

/** What is left of the line belongs to the value too, but in an inline table, where other keys may follow. */
function endOfValue(text: string, start: number, isInline: boolean): number {
  const from = endOfRun(text, start, /[ \t]+/y) ?? start;
  const first = text.charAt(from);
  let end = from;
  if (first === '[' || first === '{') end = endOfBrackets(text, from);
  else if (first === '"' || first === "'") end = stringEnd(text, from);
  if (text.charAt(end - 1) === '\n') return end;
  const rest = isInline ? /[^\r\n,\]}#]+/y : /[^\r\n#]+/y;
  return endOfRun(text, end, rest) ?? end;
}

function endOfBrackets(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const token = text.charAt(at);
    if (token === '[' || token === '{') depth += 1;
    if (token === ']' || token === '}') depth -= 1;
    at = tokenEnd(text, at);
    if (depth === 0) return at;
    if (token === '\n' && depth === 1 && endOfRun(text, at, NEXT_KEY) !== undefined) return at;
  }
  return at;
}

/** Brackets, commas, quotes and line ends stay, so that a parser finds the same places. */
function maskValue(value: string): string {
  const blanks = /^[ \t]*/.exec(value)?.[0] ?? '';
  const rest = value.slice(blanks.length);
  if (/^[^["']/.test(rest)) return blanks + maskScalar(rest);
  let masked = '';
  for (let at = 0; at < value.length; ) {
    const end = tokenEnd(value, at);
    const token = value.slice(at, end);
    masked += /^["']/.test(token) ? maskString(token) : maskOther(token);
    at = end;
  }
  return masked;
}

/** Or an inline table, which is no value of any of these keys. */
function maskScalar(value: string): string {
  const shown = value.trimEnd();
  return hidden(shown, /[^\r\n]/g) + value.slice(shown.length);
}

function maskOther(token: string): string {
  return token.startsWith('#') ? `#${hidden(token.slice(1), /\S/g)}` : hidden(token, /[^\s[\],]/g);
}

function maskString(token: string): string {
  const quotes = /^(?:"""|'''|["'])/.exec(token)?.[0] ?? '';
  const isClosed = token.length >= 2 * quotes.length && token.endsWith(quotes);
  const inside = token.slice(quotes.length, isClosed ? -quotes.length : undefined);
  return quotes + hidden(inside, /[^\r\n]/g) + (isClosed ? quotes : '');
}

/** A key that is commented out keeps its secret as well. */
function maskComment(comment: string): string {
  const sign = comment.indexOf('=');
  const [, key = ''] =
    /([\w-]+)["']?[ \t]*$/.exec(comment.slice(0, sign).slice(-LONGEST_KEY)) ?? [];
  if (sign < 0 || !isSecretName(key)) return comment;
  return comment.slice(0, sign + 1) + hidden(comment.slice(sign + 1), /\S/g);
}

const LONGEST_KEY = 100;
const END_OF_KEY = /-----END [A-Z0-9 ]*PRIVATE KEY-----|(?=["'])/;

/** Wherever one was pasted, up to its end or the end of the string. */
function maskPrivateKeys(text: string): string {
  let masked = '';
  let rest = text;
  for (let start = privateKeyAt(rest); start !== undefined; start = privateKeyAt(rest)) {
    const end = END_OF_KEY.exec(rest.slice(start));
    const length = end === null ? rest.length : end.index + end[0].length;
    masked += rest.slice(0, start) + hidden(rest.slice(start, start + length), /[^\r\n]/g);
    rest = rest.slice(start + length);
  }
  return masked + rest;
}

function hidden(text: string, characters: RegExp): string {
  return text.replace(characters, MASK);
}
