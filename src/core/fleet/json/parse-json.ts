import { type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { nearest } from '../../config/nearest.ts';
import { quoted } from '../../config/show-value.ts';
import { type Diagnostic, pointer } from '../../diagnostic.ts';
import { failure, type Result, success } from '../../result.ts';
import { positionsIn, type ToPosition } from './positions.ts';

/** A document with the places of its parts. */
export type JsonDocument = {
  readonly root: Node;
  /** Keys that an object has twice: the last one counts. */
  readonly repeats: readonly Diagnostic[];
};

/** The text of a JSON document as RFC 8259 has it: no comments, no commas at the end. */
export function parseJson(text: string): Result<JsonDocument> {
  const toPosition = positionsIn(text);
  const deepest = tooDeepAt(text);
  if (deepest !== undefined) return failure([tooDeep(toPosition(deepest, 1))]);
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (first !== undefined) return failure([syntaxError(first, text, toPosition)]);
  if (root === undefined) return failure([noValue(toPosition(text.length, 1))]);
  return success({ root, repeats: repeatsIn(root, '', toPosition) });
}

/** No file of this kind has more than a few levels; the parser would run out of stack. */
const MOST_LEVELS = 100;

function tooDeepAt(text: string): number | undefined {
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\\n]|\\.)*"?|[[\]{}]/g)) {
    if (token === '[' || token === '{') depth += 1;
    if (token === ']' || token === '}') depth -= 1;
    if (depth > MOST_LEVELS) return index;
  }
  return undefined;
}

type Place = Diagnostic['position'];

function tooDeep(position: Place): Diagnostic {
  const message = `more than ${MOST_LEVELS} levels of brackets and braces`;
  return syntaxProblem(message, 'close what is open', position);
}

function noValue(position: Place): Diagnostic {
  return syntaxProblem(
    'there is no value',
    'write an object: { "schema_version": 1, … }',
    position,
  );
}

function syntaxError(
  { error, offset, length }: ParseError,
  text: string,
  toPosition: ToPosition,
): Diagnostic {
  const found = text.slice(offset, offset + length);
  const [message, help] = explain(error, found, text.slice(0, offset));
  return syntaxProblem(message, help, toPosition(offset, length));
}

function syntaxProblem(message: string, help: string, position: Place): Diagnostic {
  return {
    ...{
      severity: 'error',
      rule: 'fleet-json-syntax',
      pointer: '',
      message: `no JSON: ${message}`,
      help,
    },
    ...(position === undefined ? {} : { position }),
  };
}

type Explained = readonly [message: string, help: string];

function explain(code: number, found: string, before: string): Explained {
  const isAtEnd = found === '';
  const here = isAtEnd ? 'the end of the file' : shownToken(found);
  if (/,\s*$/.test(before) && /^[\]}]/.test(found)) {
    return [`a comma before ${here}`, 'remove it: nothing follows it'];
  }
  const told = explained[printParseErrorCode(code)];
  return told?.(here) ?? [`${here} where none can be`, helpForWord(found)];
}

const VALUES =
  'a value is a text in double quotes, a number, true, false, null, a list or an object';

/** By the names that the parser has for them. */
const explained: Readonly<Record<string, ((here: string) => Explained) | undefined>> = {
  InvalidCommentToken: () => ['a comment', 'remove it: JSON has none'],
  UnexpectedEndOfComment: () => ['a comment', 'remove it: JSON has none'],
  CommaExpected: (here) => [`expected a comma, found ${here}`, 'write a comma between two values'],
  ColonExpected: (here) => [
    `expected a colon, found ${here}`,
    'write a colon between a key and its value',
  ],
  PropertyNameExpected: (here) => [
    `expected a key, found ${here}`,
    'a key is a text in double quotes',
  ],
  ValueExpected: (here) => [`expected a value, found ${here}`, VALUES],
  CloseBraceExpected: (here) => [`expected }, found ${here}`, 'close the object with }'],
  CloseBracketExpected: (here) => [`expected ], found ${here}`, 'close the list with ]'],
  EndOfFileExpected: (here) => [
    `expected the end of the file, found ${here}`,
    'a file is one object; is a { missing?',
  ],
  UnexpectedEndOfString: () => [
    'a text without its closing quote',
    'close it with "; a line end within it is \\n',
  ],
  UnexpectedEndOfNumber: () => [
    'a number without its end',
    'write digits behind the point and behind the e',
  ],
  InvalidNumberFormat: () => [
    'a number without its end',
    'write digits behind the point and behind the e',
  ],
  InvalidUnicode: () => [
    'a \\u without four hexadecimal digits',
    'write \\u00e9, or the character itself',
  ],
  InvalidEscapeCharacter: () => [
    'a backslash before a character that needs none',
    'write \\\\ for a backslash',
  ],
  InvalidCharacter: () => [
    'a control character in a text',
    'write \\t for a tab, and \\u0000 and so on for others',
  ],
};

/** Of what may be a value nothing is told: it may be a secret. */
function shownToken(found: string): string {
  if (/^[[\]{},:]$/.test(found)) return quoted(found);
  if (/^["'`]/.test(found)) return 'a text';
  return /^[-+.\d]/.test(found) ? 'a number' : 'a word that is no value';
}

function helpForWord(found: string): string {
  if (/^['`]/.test(found)) return 'a text stands in double quotes';
  const meant = nearest(found, ['true', 'false', 'null']);
  return meant === undefined ? VALUES : `did you mean ${meant}?`;
}

function repeatsIn(node: Node, at: string, toPosition: ToPosition): readonly Diagnostic[] {
  const { type, children = [] } = node;
  if (type === 'array') {
    return children.flatMap((item, index) => repeatsIn(item, at + pointer(index), toPosition));
  }
  if (type !== 'object') return [];
  const first = new Map<string, Node>();
  return children.flatMap(({ children: [key, value] = [] }) => {
    if (key === undefined || value === undefined) return [];
    const name = String(key.value);
    const place = at + pointer(name);
    const earlier = first.get(name);
    if (earlier === undefined) first.set(name, key);
    return [
      ...(earlier === undefined ? [] : [repeat(name, place, [earlier, key], toPosition)]),
      ...repeatsIn(value, place, toPosition),
    ];
  });
}

function repeat(
  name: string,
  at: string,
  [earlier, key]: readonly [Node, Node],
  toPosition: ToPosition,
): Diagnostic {
  return {
    ...{ severity: 'error', rule: 'fleet-duplicate-key', pointer: at },
    message: `the key ${quoted(name)} stands twice in one object`,
    help: 'remove one of them',
    position: toPosition(key.offset, key.length),
    notes: [
      {
        pointer: at,
        message: 'first written here',
        position: toPosition(earlier.offset, earlier.length),
      },
    ],
  };
}
