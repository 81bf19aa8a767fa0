import type { TomlError } from 'smol-toml';
import { visible } from '../control-characters.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { firstDefinition } from './first-definition.ts';
import { shortened } from './show-value.ts';

type Wording = { readonly message: string; readonly help?: string };

/** What stands around the place of the error. */
type Place = {
  /** From the place to the end of its line. */
  readonly rest: string;
  readonly isLineEnd: boolean;
};

const REDEFINITION = 'trying to redefine';
const TEXT_HELP = 'text goes between quotes: key = "text"';

/** The parser's wording to ours; wordings that are good enough are not listed. */
const WORDINGS = new Map<string, (place: Place) => Wording>([
  ['trying to redefine an already defined table or value', redefinition],
  ['trying to redefine an already defined value', redefinition],
  [
    'expected end of table array declaration',
    () => ({ message: 'expected `]]` to close the table header' }),
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
    () => ({ message: 'expected a comma or the closing bracket' }),
  ],
  ['invalid value', invalidValue],
  ['unfinished string', () => ({ message: 'this string is not closed; a quote is missing' })],
  ['control characters are not allowed in strings', controlCharacter],
  [
    'illegal leading zero',
    () => ({ message: 'a number cannot start with 0', help: 'remove the zero' }),
  ],
  [
    'illegal underscore',
    () => ({ message: 'an underscore in a number must stand between digits' }),
  ],
  ['unfinished numeric value', () => ({ message: 'this number is not complete' })],
  [
    'illegal character in numeric literal',
    () => ({ message: 'unexpected character in a number', help: TEXT_HELP }),
  ],
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
  const lines = text.split(/\r?\n/).slice(0, error.line);
  const rest = (lines.at(-1) ?? '').slice(error.column - 1);
  const raw = error.message.replace('Invalid TOML document: ', '').replace(/\n.*$/s, '');
  const wording = WORDINGS.get(raw)?.({ rest, isLineEnd: rest.trim() === '' }) ?? { message: raw };
  const first = raw.startsWith(REDEFINITION) ? firstDefinition(lines, error.column) : undefined;
  const notes = first === undefined ? [] : [{ pointer: first, message: 'first defined here' }];
  return {
    severity: 'error',
    rule: 'toml-syntax',
    pointer: '',
    ...wording,
    ...(notes.length === 0 ? {} : { notes }),
    position: { line: error.line, column: error.column, length: 1 },
  };
}

function redefinition({ rest }: Place): Wording {
  const key = shortened(visible(rest.replace(/[=\]#].*$/, '').trim()));
  return {
    message: `\`${key}\` is already defined above`,
    help: 'a key or a table is written once; each further runtime starts with its own [[runtimes]]',
  };
}

function endOfLine({ rest }: Place): Wording {
  return { message: `expected the end of the line, found \`${shortened(visible(rest.trim()))}\`` };
}

function keyCharacter(place: Place): Wording {
  if (place.isLineEnd) return unfinishedKey();
  const character = visible([...place.rest].slice(0, 1).join(''));
  return {
    message: `unexpected character \`${character}\` in a key`,
    help: 'a key has letters, digits, `_` and `-`, and `=` follows it',
  };
}

function unfinishedKey(): Wording {
  return { message: 'this key has no value', help: 'write key = value, or [table]' };
}

function invalidValue({ rest, isLineEnd }: Place): Wording {
  if (isLineEnd) return { message: 'a value is missing after `=`' };
  const word = rest.replace(/[\s,#\]}].*$/, '');
  return {
    message: `\`${shortened(visible(word))}\` is not a TOML value`,
    help: `${TEXT_HELP}; true and false are lower case`,
  };
}

function controlCharacter({ rest, isLineEnd }: Place): Wording {
  if (isLineEnd)
    return { message: 'this string is not closed; a quote is missing at the end of the line' };
  return { message: `control character ${visible(rest.slice(0, 1))} in a string` };
}
