import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { loadConfig } from '../../src/core/config/load.ts';
import { FIXTURES, fixtureNames } from './fixtures.ts';
import { tokens } from './hostile-text.ts';

/** Every config of this repository: fixtures, cases of whole machines, and what the README shows. */
const realConfigs: readonly Buffer[] = [
  ...fixtureNames().flatMap((name) => {
    const path = `${FIXTURES}${name}/vllmd.toml`;
    return existsSync(path) ? [readFileSync(path)] : [];
  }),
  ...readdirSync('test/vfio/cases', { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.toml'))
    .map((name) => readFileSync(`test/vfio/cases/${name}`)),
  ...[...readFileSync('README.md', 'utf8').matchAll(/^```toml\n(.*?)^```$/gms)].map(
    ([, text = '']) => Buffer.from(text),
  ),
];

const VALUES = [
  ...[
    '',
    '""',
    '"8"',
    "''",
    "'''",
    '"""',
    '"\\x"',
    '"\\uD800"',
    '"\\U00110000"',
    '"a',
    'true',
    'True',
    'null',
  ],
  ...[
    '0',
    '-0',
    '-1',
    '+1',
    '00',
    '1_',
    '0x',
    '0xFF',
    '0b2',
    '65533',
    '65534',
    '8193',
    '9007199254740993',
  ],
  ...[
    '9'.repeat(400),
    '1e400',
    '-1e-400',
    '1.',
    '.5',
    '8.0',
    'inf',
    '-nan',
    `0x${'f'.repeat(300)}`,
  ],
  ...[
    '1979-05-27',
    '1979-05-27T07:32:00Z',
    '1979-02-30',
    '07:32:00',
    '1979-05-27 07:32:00.999999-07:00',
  ],
  ...[
    '[]',
    '{}',
    '[[]]',
    '[1, "a", {}]',
    '[,]',
    '[1,,2]',
    '{ a = 1, a = 2 }',
    '{ a.b = 1, a = 2 }',
    '{',
  ],
  ...[
    '"0000:01:00.0"',
    '["0000:01:00.0", "0000:01:00.0"]',
    '"01:00.0"',
    '"0000:0A:00.0"',
    '"/"',
    '"~"',
    '"$HOME"',
  ],
  ...['"nat"', '"bridge"', '"none"', '"2M"', '"grub"', '"manual"', '"off"', '"restore-driver"'],
];

const LINES = [
  ...[
    '#:schema urn:vllmd:hypervisor-config:1',
    '#:schema ./x',
    '#:schema',
    '#:schema /\u202e\u0085',
    '#:schema file:///%2F',
  ],
  ...[
    '#:schema file://host/x',
    '#:schema http://[',
    '#:schema \0',
    '#:schema config.toml',
    '#:schema \u202e/../config.toml',
    '#:schema file:%zz',
  ],
  ...[
    '__proto__ = 1',
    '[__proto__]',
    '__proto__.x = 1',
    'constructor = {}',
    '[constructor.prototype]',
  ],
  ...[
    'global.__proto__ = {}',
    'toString = "x"',
    'hasOwnProperty = 1',
    '"" = 1',
    '[""]',
    '"a\\nb" = 1',
    "'ü' = 1",
  ],
  ...[
    '[[global]]',
    '[runtimes]',
    '[[runtimes]]',
    'runtimes = 1',
    '[global.user]',
    'global.user = "x"',
    '[[runtimes.gpus]]',
  ],
  ...[
    '[runtimes.llama]',
    '[a.b.c.d]',
    'a.b.c = 1',
    '[a]',
    '[ a . "b" ]',
    '[]',
    '[',
    ']',
    '= 1',
    'a',
    'a =',
    '# a = 1',
  ],
  ...[
    'schema_version = 1',
    'schema_version = 2',
    'schema_version = 3',
    'schema_version = "2"',
    'schema_version = 2.0',
  ],
  ...[
    'ssh_authorized_keys = ["secret"',
    'user_data = /etc/shadow',
    '# user_data = "x"',
    'ssh_authorized_keys.x = 1',
  ],
  ...[
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    '"-----BEGIN RSA PRIVATE KEY-----"',
    'x = """',
    "x = '''",
    '\ufeff',
  ],
  `a = ${'['.repeat(70)}${']'.repeat(70)}`,
  `a = ${'{ a = '.repeat(70)}1${' }'.repeat(70)}`,
  `${'a.'.repeat(3000)}a = 1`,
  `[${'a.'.repeat(200)}a]`,
  `a = ${'['.repeat(20_000)}`,
  `${'k'.repeat(5000)} = 1`,
];

/** What no UTF-8 text has, and what begins or ends like one. */
const BYTES = [
  [0],
  [0xff],
  [0xfe, 0xff],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xe2, 0x82],
  [0xef, 0xbb, 0xbf],
  [0xef, 0xbf],
  [0xef, 0xbf, 0xbe],
  [0xf0, 0x9f, 0x98, 0x80],
  [0x0d],
  [0x0d, 0x0a],
  [0x1b, 0x5b],
].map((bytes) => Buffer.from(bytes));

type Draw = {
  /** Places in the text, as parts of its length. */
  readonly at: number;
  readonly to: number;
  readonly count: number;
  readonly token: string;
  readonly value: string;
  readonly line: string;
  readonly bytes: Buffer;
  readonly other: Buffer;
};

type Mutation = (before: Buffer, draw: Draw) => Buffer;

const mutations: Readonly<Record<string, Mutation>> = {
  flip: (before, { at, count }) => {
    const after = Buffer.from(before);
    const place = placeIn(before, at);
    if (place < after.length) after[place] = (after[place] ?? 0) ^ (1 << (count % 8));
    return after;
  },
  drop: (before, { at, count }) => replaced(before, placeIn(before, at), count, ''),
  repeat: (before, { at, count }) => {
    const place = placeIn(before, at);
    const part = before.subarray(place, place + count * 4);
    return replaced(before, place, 0, Buffer.concat([part, part]));
  },
  insert: (before, { at, token }) => replaced(before, placeIn(before, at), 0, token),
  insertBytes: (before, { at, bytes }) => replaced(before, placeIn(before, at), 0, bytes),
  overwrite: (before, { at, count, token }) => replaced(before, placeIn(before, at), count, token),
  truncate: (before, { at }) => before.subarray(0, placeIn(before, at)),
  splice: (before, { at, to, other }) =>
    Buffer.concat([before.subarray(0, placeIn(before, at)), other.subarray(placeIn(other, to))]),
  dropLine: ofLines((lines, { at }) => lines.toSpliced(placeIn(lines, at), 1)),
  repeatLine: ofLines((lines, { at, to }) =>
    lines.toSpliced(placeIn(lines, to), 0, lines[placeIn(lines, at)] ?? ''),
  ),
  moveLine: ofLines((lines, { at, to }) => {
    const line = lines[placeIn(lines, at)] ?? '';
    return lines.toSpliced(placeIn(lines, at), 1).toSpliced(placeIn(lines, to), 0, line);
  }),
  firstLine: ofLines((lines, { line }) => [line, ...lines]),
  insertLine: ofLines((lines, { at, line }) => lines.toSpliced(placeIn(lines, at), 0, line)),
  foreignLine: ofLines((lines, { at, to, other }) => {
    const others = other.toString('latin1').split('\n');
    return lines.toSpliced(placeIn(lines, at), 0, others[placeIn(others, to)] ?? '');
  }),
  value: ofLines((lines, { at, value }) =>
    changedLine(lines, at, (line) => line.replace(/=.*/, () => `= ${value}`)),
  ),
  text: ofLines((lines, { at, token }) =>
    changedLine(lines, at, (line) =>
      line.replace(/"([^"]*)"/, (_, text: string) => JSON.stringify(text + token)),
    ),
  ),
  key: ofLines((lines, { at, token }) =>
    changedLine(lines, at, (line) => line.replace(/^\w+/, (key) => key.slice(1) + token)),
  ),
  lineEnds: (before) => Buffer.from(before.toString('latin1').replaceAll('\n', '\r\n'), 'latin1'),
  mark: (before) => Buffer.concat([Buffer.from('\ufeff'), before]),
};

type ChangeLines = (lines: readonly string[], draw: Draw) => readonly string[];

/** Lines of bytes, so that what is no text stays what it is. */
function ofLines(change: ChangeLines): Mutation {
  return (before, draw) => {
    const as = (text: string) => Buffer.from(text).toString('latin1');
    const { token, value, line } = draw;
    const lines = before.toString('latin1').split('\n');
    const changed = change(lines, { ...draw, token: as(token), value: as(value), line: as(line) });
    return Buffer.from(changed.join('\n'), 'latin1');
  };
}

/** One of the lines that have a key, which are what a change of a value can change. */
function changedLine(
  lines: readonly string[],
  at: number,
  change: (line: string) => string,
): readonly string[] {
  const places = lines.flatMap((line, place) => (/^\s*\w+ *=/.test(line) ? [place] : []));
  const chosen = places[placeIn(places, at)];
  return lines.map((line, place) => (place === chosen ? change(line) : line));
}

function placeIn({ length }: { readonly length: number }, at: number): number {
  return Math.min(length, Math.floor(at * length));
}

function replaced(before: Buffer, start: number, count: number, by: string | Buffer): Buffer {
  const middle = typeof by === 'string' ? Buffer.from(by) : by;
  return Buffer.concat([before.subarray(0, start), middle, before.subarray(start + count)]);
}

const part = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });

export type Mutated = { readonly bytes: Buffer; readonly steps: readonly string[] };

/** What is damaged, and with what beside the things that every file of TOML can be damaged with. */
type Material = {
  readonly configs: readonly Buffer[];
  readonly values?: readonly string[];
  readonly lines?: readonly string[];
  readonly isValid: (bytes: Buffer) => boolean;
};

/** A real file with one to three things done to it. */
export function mutatedFrom({
  configs,
  values = [],
  lines = [],
  isValid,
}: Material): fc.Arbitrary<Mutated> {
  const step = fc.record({
    how: fc.constantFrom(...Object.keys(mutations)),
    at: part,
    to: part,
    count: fc.integer({ min: 1, max: 40 }),
    token: tokens,
    value: fc.constantFrom(...VALUES, ...values),
    line: fc.constantFrom(...LINES, ...lines),
    bytes: fc.constantFrom(...BYTES),
    other: fc.constantFrom(...configs),
  });
  // From what is refused already a mutation seldom leads to what is accepted.
  const valid = configs.filter(isValid);
  return fc
    .tuple(
      fc.constantFrom(...configs, ...valid, ...valid),
      fc.array(step, { minLength: 1, maxLength: 3 }),
    )
    .map(([start, steps]) => ({
      steps: steps.map(({ how }) => how),
      bytes: steps.reduce((before, draw) => mutations[draw.how]?.(before, draw) ?? before, start),
    }));
}

export const mutatedConfig: fc.Arbitrary<Mutated> = mutatedFrom({
  configs: realConfigs,
  isValid: (bytes) => loadConfig(bytes).result.ok,
});

/** Bytes of any kind, and text that has the characters of TOML and little else. */
export const randomBytes: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc
    .array(
      fc.oneof(
        tokens,
        fc.constantFrom(
          ...VALUES,
          ...LINES,
          '\n',
          '\n',
          '=',
          ' = ',
          '"',
          '[',
          ']',
          'user',
          '[global]',
        ),
      ),
      {
        maxLength: 40,
      },
    )
    .map((parts) => Buffer.from(parts.join(''))),
);

/** One piece, many times over: what takes more than its share of time or stack shows. */
const PIECES: readonly ((number: number) => string)[] = [
  (number) =>
    `[[runtimes]]\nindex = ${number}\nname = "runtime ${number}"\ngpus = ["0000:01:00.${number % 9}"]\n`,
  () => '[[runtimes]]\nindex = 1\nname = "a"\nmac = "02:00:00:00:00:01"\n',
  (number) => `key${number} = ${number}\n`,
  (number) => `[table${number}]\nusr = "x"\n`,
  (number) => `# user_data = ${number} "'\n`,
  () => 'ssh_authorized_keys = [\n',
  () => '"ssh_authorized_keys" = """\n',
  () => '-----BEGIN OPENSSH PRIVATE KEY-----',
  () => '[',
  () => '{a=',
  () => 'a.',
  () => '"\'',
  () => '\\',
  () => ' ',
  () => '\r',
  () => '\ufeff',
  () => '\ufffd',
  () => '\u202e',
  () => '=',
  () => '0',
];

export const largeInput: fc.Arbitrary<Buffer> = fc
  .record({
    piece: fc.constantFrom(...PIECES),
    count: fc.integer({ min: 100, max: 1500 }),
    start: fc.constantFrom(
      '',
      '[global]\nuser = "vllm"\n',
      'schema_version = 2\n[guest]\nuser_data = "',
      'a = ',
    ),
  })
  .map(({ piece, count, start }) =>
    Buffer.from(start + Array.from({ length: count }, (_, number) => piece(number + 1)).join('')),
  );
