import { type Reading, read, refused } from './problem.ts';

// Clients write numbers as texts and truths as words; what a value can only mean is taken for it.

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The number that a text is, as the registry reads one. */
export function numberIn(text: string): number | undefined {
  const trimmed = text.trim();
  return NUMBER.test(trimmed) ? Number(trimmed) : undefined;
}

/** A number, also as a text. */
export function readNumber(value: unknown): Reading<number> {
  if (typeof value === 'boolean') return read(Number(value));
  if (typeof value === 'number') return finite(value);
  if (typeof value !== 'string') return refused('float_type', 'Input should be a valid number');
  const number = numberIn(value);
  if (number !== undefined) return finite(number);
  return refused(
    'float_parsing',
    'Input should be a valid number, unable to parse string as a number',
  );
}

function finite(value: number): Reading<number> {
  if (!Number.isFinite(value)) return refused('finite_number', 'Input should be a finite number');
  // The minus of a zero would be lost on the way, or be seen.
  return read(value === 0 ? 0 : value);
}

/** A whole number, also as a text or with zeros behind its point. */
export function readInteger(value: unknown): Reading<number> {
  if (typeof value === 'boolean') return read(Number(value));
  if (typeof value === 'number') return whole(value);
  if (typeof value !== 'string') return refused('int_type', 'Input should be a valid integer');
  const text = value.trim();
  if (/^[+-]?\d+(?:\.0*)?$/.test(text)) return whole(Number(text));
  return refused(
    'int_parsing',
    'Input should be a valid integer, unable to parse string as an integer',
  );
}

function whole(value: number): Reading<number> {
  if (!Number.isFinite(value)) return refused('finite_number', 'Input should be a finite number');
  if (!Number.isInteger(value)) {
    const msg = 'Input should be a valid integer, got a number with a fractional part';
    return refused('int_from_float', msg);
  }
  if (Number.isSafeInteger(value)) return read(value === 0 ? 0 : value);
  return refused('int_parsing_size', 'Input should be a valid integer, this one is too large');
}

type Bounds = { readonly least?: number; readonly most?: number };

/** The same number where it is in its bounds. */
export function within(number: Reading<number>, { least, most }: Bounds): Reading<number> {
  if (!number.ok) return number;
  if (least !== undefined && number.value < least) {
    return refused('greater_than_equal', `Input should be greater than or equal to ${least}`);
  }
  if (most === undefined || number.value <= most) return number;
  return refused('less_than_equal', `Input should be less than or equal to ${most}`);
}

const yes = ['1', 'true', 't', 'yes', 'y', 'on'];
const no = ['0', 'false', 'f', 'no', 'n', 'off'];

/** A truth, also as a word or as 1 and 0. */
export function readBoolean(value: unknown): Reading<boolean> {
  if (typeof value === 'boolean') return read(value);
  if (typeof value !== 'string' && typeof value !== 'number') {
    return refused('bool_type', 'Input should be a valid boolean');
  }
  const word = String(value).toLowerCase();
  if (yes.includes(word)) return read(true);
  if (no.includes(word)) return read(false);
  return refused('bool_parsing', 'Input should be a valid boolean, unable to interpret input');
}

/** What neither the wire nor the store would give back as it is: NUL, and one half of a pair of surrogates. */
const LOST = /[\0\p{Cs}]/u;

export function readText(value: unknown): Reading<string> {
  if (typeof value !== 'string') return refused('string_type', 'Input should be a valid string');
  if (LOST.test(value)) {
    return refused('value_error', 'Input should have no NUL and no half of a surrogate pair');
  }
  return read(value);
}

const CONTROL = /[\p{Cc}\u2028\u2029]/u;

/** A text that may stand in a log line or a URL; it may be empty. */
export function readLine(value: unknown): Reading<string> {
  const text = readText(value);
  if (!text.ok || !CONTROL.test(text.value)) return text;
  return refused('value_error', 'Input should have no control characters and no line breaks');
}

/** What something is called. */
export function readId(value: unknown): Reading<string> {
  const text = readLine(value);
  if (!text.ok || text.value !== '') return text;
  return refused('string_too_short', 'String should have at least 1 character');
}

const PLACEHOLDER = /\{\{\s*user_input\s*\}\}/;

/** A text that what the user has said is put into. */
export function readTemplate(value: unknown): Reading<string> {
  const text = readText(value);
  if (!text.ok || PLACEHOLDER.test(text.value)) return text;
  return refused('value_error', 'Input should have {{ user_input }} in it, where the text goes');
}

/** One of some words. */
export function readChoice(value: unknown, values: readonly string[]): Reading<string> {
  if (typeof value === 'string' && values.includes(value)) return read(value);
  const named = values.map((one) => `'${one}'`);
  const last = named.length > 1 ? ` or ${named.at(-1)}` : '';
  const first = last === '' ? named : named.slice(0, -1);
  return refused('literal_error', `Input should be ${first.join(', ')}${last}`);
}
