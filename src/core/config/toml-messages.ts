import type { TomlError } from 'smol-toml';
import { visible } from '../control-characters.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { firstDefinition } from './first-definition.ts';
import { MASK } from './mask-sensitive.ts';
import { shortened } from './show-value.ts';
import { type Place, placeAt, type Wording } from './toml-place.ts';
import { behindValue, invalidValue, TEXT_HELP, valueWording } from './toml-value-messages.ts';

const REDEFINITION = 'trying to redefine';

/** The parser's wording to ours; wordings that are good enough are not listed. */
const WORDINGS = new Map<string, (place: Place) => Wording>([
  ['trying to redefine an already defined table or value', redefinition],
  ['trying to redefine an already defined value', redefinition],
  [
    'expected end of table array declaration',
    (place) => openHeader(place) ?? { message: 'expected `]]` to close the table header' },
  ],
  ['each key-value declaration must be followed by an end-of-line', endOfLine],
  ['unexpected end of key', () => ({ message: 'expected a key' })],
  ['illegal empty bare key', () => ({ message: 'a part of this dotted key is empty' })],
  [
    'illegal quoted key: multiline strings are not allowed',
    () => ({ message: 'a key cannot be a multi-line string' }),
  ],
  ['illegal character in key', keyCharacter],
  ['incomplete key-value: cannot find end of key', unfinishedKey],
  ['unfinished table', () => ({ message: 'this inline table is not closed; expected `}`' })],
  ['unfinished array', () => ({ message: 'this array is not closed; expected `]`' })],
  [
    'expected comma or end of structure',
    () => ({
      message: 'expected a comma or the closing bracket',
      help: 'a comma stands between two items; `]` ends a list, `}` an inline table',
    }),
  ],
  ['invalid value', invalidValue],
  ['unfinished string', () => ({ message: 'this string is not closed; a quote is missing' })],
  ['control characters are not allowed in strings', controlCharacter],
  [
    'illegal leading zero',
    valueWording(() => ({ message: 'a number cannot start with 0', help: 'remove the zero' })),
  ],
  [
    'illegal underscore',
    () => ({ message: 'an underscore in a number must stand between digits' }),
  ],
  ['unfinished numeric value', () => ({ message: 'this number is not complete' })],
  [
    'illegal character in numeric literal',
    valueWording(() => ({ message: 'unexpected character in a number', help: TEXT_HELP })),
  ],
  ['invalid date', valueWording(() => ({ message: 'invalid date', help: TEXT_HELP }))],
  [
    'invalid non-hex character in unicode escape',
    () => ({ message: 'expected a hexadecimal digit in this escape' }),
  ],
  [
    'unrecognised escape sequence',
    () => ({
      message: 'unknown escape in a string',
      help: "write \\\\ for a backslash, or use single quotes: 'text'",
    }),
  ],
  [
    'document contains excessively nested structures. aborting.',
    () => ({ message: 'arrays and tables are nested too deeply' }),
  ],
]);

/** One syntax error of the parser, its code block left out: the report draws its own. */
export function syntaxDiagnostic(error: TomlError, text: string): Diagnostic {
  const place = placeAt(text, error);
  const { lines, rest, column } = place;
  const raw = error.message.replace('Invalid TOML document: ', '').replace(/\n.*$/s, '');
  const wording = notToml(text, place) ?? WORDINGS.get(raw)?.(place) ?? { message: raw };
  const first = raw.startsWith(REDEFINITION) ? firstDefinition(lines, column) : undefined;
  const note = { message: 'first defined here', mark: 'key' as const };
  return {
    severity: 'error',
    rule: 'toml-syntax',
    pointer: '',
    position: {
      line: error.line,
      column,
      length: raw.startsWith(REDEFINITION) ? keyOf(rest).length : 1,
    },
    ...wording,
    ...(first === undefined ? {} : { notes: [{ pointer: first, ...note }] }),
  };
}

const RECORDING = /^\s*\{[^{}]*"kind":\s*"vllmd-facts"/;

/** Another kind of file, by its first character. */
function notToml(text: string, { lines, column }: Place): Wording | undefined {
  if (lines.length > 1 || column > 1 || !text.startsWith('{')) return undefined;
  return RECORDING.test(text.slice(0, 1000))
    ? {
        message: 'this is a recording of `vllmd facts`, and no config',
        help: 'name it with --facts FILE, and the config with --config FILE',
      }
    : {
        message: 'this is JSON, and a config is TOML',
        help: 'check that this is the config file; `vllmd init` writes a first one',
      };
}

function redefinition({ rest }: Place): Wording {
  const key = keyOf(rest);
  // A llama.cpp file has no runtimes.
  const more = key.startsWith('instance.')
    ? 'each instance has a name of its own'
    : 'each further runtime starts with its own [[runtimes]]';
  return {
    message: `\`${shortened(visible(key))}\` is already defined above`,
    help: `a key or a table is written once; ${more}`,
  };
}

function keyOf(rest: string): string {
  return rest.replace(/[=\]#].*$/, '').trim();
}

function endOfLine(place: Place): Wording {
  const found = shortened(visible(place.rest.trim()));
  return behindValue(place) ?? { message: `expected the end of the line, found \`${found}\`` };
}

function keyCharacter(place: Place): Wording {
  if (place.isLineEnd) return unfinishedKey(place);
  const character = visible([...place.rest].slice(0, 1).join(''));
  const header = character === '#' ? openHeader(place) : undefined;
  const [, key = '', value = ''] =
    /^\s*([\w-]+):\s+(.*?)\s*$/.exec(place.before + place.rest) ?? [];
  if (character === ':' && value !== '') {
    const isMasked = value.includes(MASK);
    const shown = isMasked ? '…' : shortened(visible(value));
    return { message: '`:` stands where `=` belongs', help: `write ${key} = ${shown}` };
  }
  return (
    header ?? {
      message: `unexpected character \`${character}\` in a key`,
      help: 'a key has letters, digits, `_` and `-`, and `=` follows it',
    }
  );
}

function unfinishedKey(place: Place): Wording {
  return (
    openHeader(place) ?? {
      message: 'this key has no value',
      help: 'write key = value, or [table]',
    }
  );
}

const HEADER = /^\s*(\[\[?)\s*([\w.-]+)\]?(?=\s*(?:#|$))/;

/** `[global`, where its end is missing. */
function openHeader({ lines, line }: Place): Wording | undefined {
  const [all = '', open = '', name = ''] = HEADER.exec(lines.at(-1) ?? '') ?? [];
  if (name === '') return undefined;
  const close = open.replaceAll('[', ']');
  return {
    message: `expected \`${close}\` to close the table header`,
    help: `write ${open}${name}${close}`,
    position: { line, column: all.length + 1, length: 1 },
  };
}

function controlCharacter({ rest, isLineEnd }: Place): Wording {
  if (isLineEnd)
    return { message: 'this string is not closed; a quote is missing at the end of the line' };
  return { message: `control character ${visible(rest.slice(0, 1))} in a string` };
}
