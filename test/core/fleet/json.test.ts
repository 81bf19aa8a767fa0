import fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonValueOf } from '../../../src/core/fleet/json/json-value-of.ts';
import { locateJson } from '../../../src/core/fleet/json/locate-json.ts';
import { parseJson } from '../../../src/core/fleet/json/parse-json.ts';
import { loadFleet } from '../../../src/core/fleet/load.ts';
import {
  anyRuntimes,
  contractFiles,
  fleetProblems,
  modelPart,
  runtimesPart,
} from '../../support/runtimes.ts';

const pieces = fc.constantFrom(
  ...['{', '}', '[', ']', ',', ':', '"', "'", '\\', '/', '//', '/* */', '\n', '\r', '\t', ' '],
  ...[
    '1',
    '01',
    '-',
    '1.',
    '1e',
    'true',
    'nul',
    'NaN',
    '"a"',
    '"\\u12"',
    '"\\x"',
    '\u00a0',
    '\ufeff',
  ],
  ...['"id"', '"__proto__"', 'x'],
);

/** A document in which something was put in, or taken out, at some place. */
const damaged = fc
  .tuple(
    fc.constantFrom('{}', '[1, {"a": "b", "c": null}]', ...contractFiles),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 3 }), fc.oneof(pieces, fc.string())), {
      maxLength: 3,
    }),
  )
  .map(([text, edits]) =>
    edits.reduce((rest, [place, gone, put]) => {
      const at = place % (rest.length + 1);
      return rest.slice(0, at) + put + rest.slice(at + gone);
    }, text),
  );

function parsedBy(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

test('a text is read as JSON.parse reads it, or refused as it refuses it', () => {
  fc.assert(
    fc.property(fc.oneof(damaged, fc.json()), (text) => {
      const parsed = parseJson(text);
      const other = parsedBy(text);
      expect(parsed.ok).toBe(other !== undefined);
      if (parsed.ok) expect(jsonValueOf(parsed.value.root)).toEqual(other?.value);
    }),
    { numRuns: 3000 },
  );
});

test('no text makes a check throw, and every problem has a place within the text', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        damaged,
        anyRuntimes.map((document) => JSON.stringify(document) ?? 'null'),
      ),
      fc.constantFrom('strict' as const, 'lenient' as const),
      (text, mode) => {
        const problems = locateJson(text.replace(/^\ufeff/, ''), fleetProblems(text, mode, 0o644));
        const lines = text.replace(/^\ufeff/, '').split('\n');
        for (const { position, message, help = '', notes = [] } of problems) {
          for (const place of [position, ...notes.map((note) => note.position)]) {
            expect(place?.line).toBeGreaterThanOrEqual(1);
            const line = lines[(place?.line ?? 0) - 1];
            expect(place?.column).toBeLessThanOrEqual((line?.length ?? -1) + 1);
          }
          expect(`${message}\n${help}`).not.toMatch(/\[object/);
        }
      },
    ),
    { numRuns: 3000 },
  );
});

test('what is accepted says the same once it is written again', () => {
  let accepted = 0;
  fc.assert(
    fc.property(anyRuntimes, (document) => {
      const first = load(JSON.stringify(document) ?? 'null');
      if (!first.ok) return;
      accepted += 1;
      const { file } = first.value;
      const again = [first.value.document, { schema_version: 1, ...file }];
      for (const written of again) {
        const second = load(JSON.stringify(written, undefined, 2));
        expect(second.ok && second.value.file).toEqual(file);
      }
    }),
    { numRuns: 1000 },
  );
  expect(accepted).toBeGreaterThan(100);
});

function load(text: string) {
  return loadFleet(Buffer.from(text), { mode: 'strict', file: 'runtimes.json' }).result;
}

test('what is not known at the top is kept for a file that is saved again', () => {
  const text = '{"x": {"y": [1]}, "schema_version": 1, "hosts": [], "backends": [], "models": []}';
  const result = load(text);
  expect(result.ok && result.value.document).toEqual(JSON.parse(text));
  expect(result.ok && Object.keys(result.value.document)[0]).toBe('x');
});

test.for(['', ' \n\t', '\ufeff\r\n'])('a file of white space (%j) is an empty one', (text) => {
  const result = load(text);
  expect(result.ok && result.value.file).toEqual({ hosts: [], backends: [], models: [] });
});

const syntax = [
  ['{"a": 1,}', 1, 9, 'no JSON: a comma before "}"'],
  ['{\n  "a": [1,\n  ]\n}', 3, 3, 'no JSON: a comma before "]"'],
  ['{ // x\n}', 1, 3, 'no JSON: a comment'],
  ['{"a": 1 "b": 2}', 1, 9, 'no JSON: expected a comma, found a text'],
  ['{"a" 1}', 1, 6, 'no JSON: expected a colon, found a number'],
  ['{"a": 1', 1, 8, 'no JSON: expected }, found the end of the file'],
  ['[1', 1, 3, 'no JSON: expected ], found the end of the file'],
  ['{"a": 1}}', 1, 9, 'no JSON: expected the end of the file, found "}"'],
  ['{"a": "x\ny"}', 1, 7, 'no JSON: a text without its closing quote'],
  ['{"a": True}', 1, 7, 'no JSON: a word that is no value where none can be'],
  ["{'a': 1}", 1, 2, 'no JSON: a text where none can be'],
  ['{"a": 1e}', 1, 7, 'no JSON: a number without its end'],
  ['{"a": "\\q"}', 1, 7, 'no JSON: a backslash before a character that needs none'],
  ['{"a": "\\u12"}', 1, 7, 'no JSON: a \\u without four hexadecimal digits'],
  ['{"a": "\u0001"}', 1, 7, 'no JSON: a control character in a text'],
  ['{a: 1}', 1, 2, 'no JSON: a word that is no value where none can be'],
  ['['.repeat(101), 1, 101, 'no JSON: more than 100 levels of brackets and braces'],
] as const;

test.for(syntax)('%j is refused at line %i, column %i: %s', ([text, line, column, message]) => {
  const problems = locateJson(text, fleetProblems(text));
  expect(
    problems.map(({ rule, position, message: told, help }) => [
      ...[rule, position?.line, position?.column, told, help !== undefined && help !== ''],
    ]),
  ).toEqual([['fleet-json-syntax', line, column, message, true]]);
});

test('a key that stands twice is told with both places, wherever it is, and all else as well', () => {
  const text =
    '{"schema_version": 1, "hosts": [], "backends": [], "models": [\n{"id": "a", "id": "B"}]}';
  const [first, second] = locateJson(text, fleetProblems(text));
  expect(first).toMatchObject({
    rule: 'fleet-duplicate-key',
    message: 'the key "id" stands twice in one object',
    position: { line: 2, column: 13 },
    notes: [{ position: { line: 2, column: 2 } }],
  });
  expect(second).toMatchObject({ rule: 'fleet-id', position: { line: 2, column: 19 } });
});

test('a problem is shown at its key or its value, and what is missing at what it is missing from', () => {
  const text = '{"schema_version": 1, "hosts": [\n  {"idd": "a"}\n], "backends": {}, "models": []}';
  const places = locateJson(text, fleetProblems(text)).map(({ message, position }) => [
    ...[message, position?.line, position?.column, position?.length],
  ]);
  expect(places).toContainEqual(['hosts[0]: unknown key "idd"', 2, 4, 5]);
  expect(places).toContainEqual(['hosts[0].id: expected string', 2, 3, 1]);
  expect(places).toContainEqual(['runtimes.backends: expected array', 3, 16, 2]);
});

test('of a command the variable is marked, wherever the file has escapes before it', () => {
  const launch = { start_cmd: 'é "x" \t\n {foo} {foo} {bar}', probe_cmd: 'true' };
  const text = JSON.stringify(runtimesPart({ models: [modelPart({ launch })] })).replace(
    'é',
    String.raw`\u00e9\/`,
  );
  const marked = locateJson(text, fleetProblems(text)).map(({ position }) => {
    const { line, column, length } = position ?? { line: 0, column: 0, length: 0 };
    return text.split('\n')[line - 1]?.slice(column - 1, column - 1 + length);
  });
  expect(marked).toEqual(['{foo}', '{bar}']);
});
