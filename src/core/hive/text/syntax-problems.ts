import type { YAMLError } from 'yaml';
import type { Diagnostic, Position } from '../../diagnostic.ts';
import type { ToPosition } from '../../fleet/json/positions.ts';

export function syntaxProblem(message: string, help: string, position: Position): Diagnostic {
  return { severity: 'error', rule: 'hive-syntax', pointer: '', message, help, position };
}

/** What the parser has found, without the words of the file: they may be a secret. */
export function syntaxDiagnostic(error: YAMLError, toPosition: ToPosition): Diagnostic {
  const [start, end] = error.pos;
  const position = toPosition(start, Math.max(1, end - start));
  // Of a bracket that is not closed the parser says that something is not indented.
  const code = error.message.startsWith('Flow ') ? 'MISSING_CHAR' : error.code;
  const [message, help] = explained[code] ?? OTHER;
  return syntaxProblem(message, help, position);
}

export function severalDocuments(position: Position): Diagnostic {
  return {
    ...{ severity: 'error', rule: 'hive-several-documents', pointer: '', position },
    message: 'a second document begins here, and a file has one',
    help: 'write it into a file of its own',
  };
}

export function repeatedKey(
  name: string,
  at: string,
  first: Position,
  position: Position,
): Diagnostic {
  return {
    ...{ severity: 'error', rule: 'hive-duplicate-key', pointer: at, position },
    message: `the key ${name} stands twice in one object`,
    help: 'remove one of them',
    notes: [{ pointer: at, message: 'first written here', position: first }],
  };
}

type Explained = readonly [message: string, help: string];

const OTHER: Explained = [
  'this is no YAML',
  'look at what is before it: a quote, a bracket or a blank behind a colon may be missing',
];
const INDENT: Explained = [
  'this line is indented otherwise than those it belongs to',
  'give all keys of one object, and all items of one list, the same blanks before them',
];
const TWO_KEYS: Explained = [
  'a key behind a value on the same line',
  'write it on a line of its own; a text with a colon and a blank in it stands in quotes',
];
const NAMES: Explained = [
  'more than one name or type for one value',
  'leave out what begins with & and !',
];

const explained: Readonly<Record<string, Explained | undefined>> = {
  BAD_INDENT: INDENT,
  TAB_AS_INDENT: ['a tab before a line', 'indent with blanks'],
  BLOCK_AS_IMPLICIT_KEY: TWO_KEYS,
  MULTILINE_IMPLICIT_KEY: ['a key of more than one line', 'is a colon missing on the line before?'],
  MISSING_CHAR: [
    'something is missing here: a colon, a comma, or what closes a quote or a bracket',
    'close what is open before this place',
  ],
  BAD_SCALAR_START: ['a text that begins with a character of YAML', 'write the text in quotes'],
  BAD_DQ_ESCAPE: ['a backslash with a character that it does not go with', 'write \\\\ for one'],
  BAD_ALIAS: ['an alias without a name', 'write the text in quotes'],
  TAG_RESOLVE_FAILED: ['a type that is not known', 'leave out what begins with !'],
  MULTIPLE_ANCHORS: NAMES,
  MULTIPLE_TAGS: NAMES,
};
