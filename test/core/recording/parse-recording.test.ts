import { expect, test } from 'vitest';
import { parseRecording } from '../../../src/core/recording/parse-recording.ts';
import { type Recording, writeRecording } from '../../../src/core/recording/recording.ts';

/** An answer of every form that there is. */
const recording: Recording = {
  vllmdVersion: '1.2.3',
  isRoot: true,
  read: new Map([
    ['/absent', { type: 'absent' }],
    ['/directory', { type: 'directory', mode: 0o755, uid: 0, gid: 0 }],
    ['/file', { type: 'file', mode: 0o644, uid: 0, gid: 0, text: 'a\nb' }],
    ['/gone', { failed: 'ENODEV' }],
    ['/hidden', { type: 'hidden' }],
    ['/left-out', { type: 'file', mode: 0o600, uid: 1, gid: 1 }],
    ['/link', { type: 'link', target: '/file', trusted: true }],
    ['/other', { type: 'other', what: 'device, socket or pipe' }],
    ['/unsafe', { type: 'unsafe', link: '/link' }],
  ]),
  list: new Map([
    ['/all', { names: ['a', 'b'], only: undefined }],
    ['/none', { names: undefined, only: undefined }],
    ['/some', { names: ['node0'], only: 'nodes' }],
  ]),
  exists: new Map([
    ['/no', false],
    ['/yes', true],
  ]),
  stat: new Map([
    ['/directory', { ...numbers(), type: 'directory' }],
    ['/file', { ...numbers(), type: 'file' }],
    ['/none', undefined],
    ['/other', { ...numbers(), type: 'other' }],
  ]),
  bytes: new Map([
    ['/head', { count: 4, bytes: Uint8Array.of(0, 127, 255) }],
    ['/none', { count: 4, bytes: undefined }],
  ]),
  exposure: new Map([
    ['/none', undefined],
    ['/open', { path: '/open', why: 'can be written by others', help: 'chmod go-w /open' }],
  ]),
  freeBytes: new Map([
    ['/', 2 ** 40],
    ['/none', undefined],
  ]),
  query: new Map([
    ['["id","-u"]', { exitCode: 0, stdout: '0\n' }],
    ['["secret"]', { exitCode: 1, stdout: undefined }],
  ]),
};

function numbers() {
  return { mode: 0o644, uid: 0, gid: 0, sizeBytes: 12, allocatedBytes: 4096 };
}

const text = writeRecording(recording);

test('a recording is read as it was written', () => {
  expect(parseRecording(text)).toEqual(recording);
});

type Json = { [key: string]: unknown };

/** The same with another value at each place of it, one at a time. */
function* damaged(): Generator<readonly [place: string, text: string]> {
  const values = [null, -1, 1.5, 'x', '', [], [1], {}, { failed: 'no code' }, true];
  for (const place of placesIn(JSON.parse(text))) {
    for (const value of values) {
      const copy: Json = JSON.parse(text);
      let at: Json = copy;
      for (const key of place.slice(0, -1)) at = at[key] as Json;
      at[place.at(-1) ?? ''] = value;
      yield [`${place.join(' ')} = ${JSON.stringify(value)}`, JSON.stringify(copy)];
    }
  }
}

function placesIn(value: unknown): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [
    [key],
    ...placesIn(inner).map((rest) => [key, ...rest]),
  ]);
}

test('a recording that is damaged anywhere is refused in a sentence, or has a value of the right form there', () => {
  let refused = 0;
  for (const [place, source] of damaged()) {
    const parsed = parseRecording(source);
    if (typeof parsed === 'string') {
      refused += 1;
      expect(parsed, place).toMatch(/^(?:lacks|has|is no) /);
    } else {
      expect(parseRecording(writeRecording(parsed)), place).toEqual(parsed);
    }
  }
  expect(refused).toBeGreaterThan(400);
});

test.for([
  ['a file that was cut off', text.slice(0, -20), 'is not JSON: was it cut off?'],
  ['another file', '{"a": 1}', 'is no recording: its "kind" must be "vllmd-facts"'],
  ['a list', '[]', 'is no recording: its "kind" must be "vllmd-facts"'],
  [
    'a newer format',
    text.replace('"format_version": "1.0"', '"format_version": "2.0"'),
    'has format_version "2.0", this vllmd reads 1.0',
  ],
  ['a section missing', text.replace('"free_bytes"', '"other"'), 'lacks "free_bytes"'],
  [
    'a relative path',
    text.replace('"/left-out"', '"left-out"'),
    'has no answer at "read" of left-out',
  ],
  [
    'a command that is no list',
    text.replace('["secret"]'.replaceAll('"', '\\"'), '{}'),
    'has no answer at "query" of {}',
  ],
  [
    'a name that leads elsewhere',
    text.replace('["a","b"]', '["a","../b"]'),
    'has no answer at "list" of /all',
  ],
  ['half a byte', text.replace('007fff', '007ff'), 'has no answer at "bytes" of /head'],
] as const)('%s is refused, and what is wrong with it is said', ([, source, says]) => {
  expect(source).not.toBe(text);
  expect(parseRecording(source)).toBe(says);
});

test('keys that every object has lead to nothing but their own answer', () => {
  const exists = '"exists": {\n    "/no"';
  const own = text.replace(exists, '"exists": {\n    "/__proto__": true, "/no"');
  expect(parseRecording(own)).toMatchObject({ vllmdVersion: '1.2.3' });
  const bare = text.replace(exists, '"exists": {\n    "__proto__": true, "/no"');
  expect(parseRecording(bare)).toBe('has no answer at "exists" of __proto__');
});
