import fc from 'fast-check';
import { expect, test } from 'vitest';
import { migrate } from '../../../src/core/config/migrate.ts';
import { parse } from '../../../src/core/config/parse.ts';
import type { TomlTree } from '../../../src/core/config/toml-tree.ts';
import { validate } from '../../../src/core/config/validate.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';

function migrated(text: string): string {
  const result = migrate(text);
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'));
  return result.value.text;
}

function treeOf(text: string): TomlTree {
  const result = parse(text);
  if (!result.ok) throw new Error('no TOML');
  return result.value;
}

const TABLE = '[global]\nuser = "a"\n';

test.for([
  ['a table alone', TABLE, `schema_version = 2\n\n${TABLE}`],
  ['blank lines', `\n\n${TABLE}`, `schema_version = 2\n\n\n${TABLE}`],
  ['a comment of the table', `# who\n${TABLE}`, `schema_version = 2\n\n# who\n${TABLE}`],
  [
    'a comment of the file',
    `# file\n# more\n\n${TABLE}`,
    `# file\n# more\n\nschema_version = 2\n\n${TABLE}`,
  ],
  ['both', `# file\n\n# who\n${TABLE}`, `# file\n\nschema_version = 2\n\n# who\n${TABLE}`],
  [
    'several',
    `\n# a\n \n# b\n\n# c\n${TABLE}`,
    `\n# a\n \nschema_version = 2\n\n# b\n\n# c\n${TABLE}`,
  ],
  [
    'a schema for the editor',
    `#:schema ./s.json\n# who\n${TABLE}`,
    `#:schema ./s.json\nschema_version = 2\n\n# who\n${TABLE}`,
  ],
  [
    'the other way to name one, and a title',
    `# $schema: file:///s.json\n# Title\n\n${TABLE}`,
    `# $schema: file:///s.json\n# Title\n\nschema_version = 2\n\n${TABLE}`,
  ],
  [
    'a schema behind the title',
    `# Title\n\n#:schema ./s.json\n\n${TABLE}`,
    `# Title\n\n#:schema ./s.json\nschema_version = 2\n\n${TABLE}`,
  ],
  ['keys before the tables', 'global.user = "a"\n', 'schema_version = 2\nglobal.user = "a"\n'],
  [
    'a comment and keys',
    '# file\n\n# who\nglobal.user = "a"\n',
    '# file\n\nschema_version = 2\n\n# who\nglobal.user = "a"\n',
  ],
  [
    'an indented table',
    `  [global]\n  user = "a"`,
    `schema_version = 2\n\n  [global]\n  user = "a"`,
  ],
  [
    'line ends of Windows',
    '# file\r\n\r\n[global]\r\nuser = "a"\r\n',
    '# file\r\n\r\nschema_version = 2\r\n\r\n[global]\r\nuser = "a"\r\n',
  ],
  ['no newline at the end', '[global]\nuser = "a"', 'schema_version = 2\n\n[global]\nuser = "a"'],
  ['one line', 'global = { user = "a" }', 'schema_version = 2\nglobal = { user = "a" }'],
] as const)('inserts the version where it belongs: %s', ([, before, after]) => {
  expect(migrated(before)).toBe(after);
});

test.for([
  [`schema_version = 1\n${TABLE}`, `schema_version = 2\n${TABLE}`],
  [`  schema_version=0x1 # one\n${TABLE}`, `  schema_version=2 # one\n${TABLE}`],
  [`# a\n"schema_version"\t=\t+1\n${TABLE}`, `# a\n"schema_version"\t=\t2\n${TABLE}`],
  [`global.user = "a"\nschema_version = 1`, 'global.user = "a"\nschema_version = 2'],
] as const)('changes the version in place: %j', ([before, after]) => {
  expect(migrated(before)).toBe(after);
});

test('takes a file of version 1 that uses newer keys already', () => {
  const text = `${TABLE}[boot]\nkernel = "/k"\n`;
  expect(migrated(text)).toBe(`schema_version = 2\n\n${text}`);
});

test('leaves a file of the newest version alone', () => {
  const text = `schema_version = 2\n${TABLE}`;
  expect(migrate(text)).toMatchObject({ ok: true, value: { from: 2, to: 2, text } });
});

test.for([
  ['= x', 'toml-syntax'],
  ['[global]', 'missing-key'],
  [`schema_version = 2\n[global]\nuser = 1`, 'wrong-type'],
  [`${TABLE}[boot]\nkernel = 1`, 'wrong-type'],
  [`schema_version = 3\n${TABLE}`, 'schema-version'],
  [`schema_version = 0\n${TABLE}`, 'schema-version'],
  [`schema_version = "1"\n${TABLE}`, 'schema-version'],
] as const)('refuses %j', ([text, rule]) => {
  expect(migrate(text)).toMatchObject({ ok: false, diagnostics: [{ rule }] });
});

test('refuses what is too large for the parser that keeps places, and says what to do', () => {
  const text = `${TABLE}# ${'x'.repeat(2 ** 20)}\n`;
  expect(migrate(text)).toMatchObject({
    ok: false,
    diagnostics: [
      { rule: 'migrate-too-large', help: 'write schema_version = 2 before its first table' },
    ],
  });
  expect(migrate(`schema_version = 2\n${text}`).ok).toBe(true);
});

/** Valid files of version 1 with comments and blank lines wherever they may be. */
function files(): fc.Arbitrary<string> {
  const end = fc.constantFrom('\n', '\r\n');
  const filler = fc.array(
    fc.constantFrom(
      '',
      '  ',
      '# a',
      '\t# [b] = "c"',
      '#:schema ./s.json',
      '# $schema: x',
      '#',
      '# é😀',
    ),
    { maxLength: 4 },
  );
  const tail = fc.constantFrom('', ' # behind', '\t');
  const version = fc.constantFrom(
    '',
    'schema_version = 1',
    '"schema_version"=0b1',
    "'schema_version' = 1_0",
  );
  const global = fc.constantFrom(
    ['[global]', 'user = "a"'],
    ['[ "global" ]', "'user' = '''a'''"],
    ['global.user = "a"', 'global.default_cpus = 2'],
    ['global = { user = "a" }'],
  );
  const runtimes = fc.constantFrom(
    [],
    [
      '[[runtimes]]',
      'index = 1',
      'name = "#\\u0020[x]"',
      '[[runtimes]]',
      'name = "b"',
      'index = 2',
    ],
    [
      '[[runtimes]]',
      'gpus = [',
      '  "0000:01:00.0", # gpu',
      ']',
      'index = 7',
      'name = """\\',
      '[x"""',
    ],
  );
  return fc
    .record({
      parts: fc.tuple(version, global, runtimes),
      fillers: fc.infiniteStream(filler),
      tails: fc.infiniteStream(tail),
      end,
      last: fc.boolean(),
    })
    .map(({ parts: [first, ...rest], fillers, tails, end: lineEnd, last }) => {
      const lines = [first.replace('1_0', '1'), ...rest.flat()].filter((line) => line !== '');
      const isOpen = (line: string) => /[[\\]$/.test(line) && !line.endsWith(']');
      const all = lines.flatMap((line, at) => {
        const before = lines[at - 1] ?? '';
        const around = before.endsWith('\\') ? [] : (fillers.next().value ?? []);
        return [...around, isOpen(line) ? line : line + (tails.next().value ?? '')];
      });
      return all.join(lineEnd) + (last ? lineEnd : '');
    });
}

function commentsOf(text: string): readonly string[] {
  return text.match(/#[^\r\n"]*$/gm) ?? [];
}

test('changes nothing but the version, and nothing at all the second time', () => {
  fc.assert(
    fc.property(files(), (text) => {
      const once = migrated(text);
      expect(treeOf(once)).toEqual({ ...treeOf(text), schema_version: 2 });
      expect(commentsOf(once)).toEqual(commentsOf(text));
      expect(migrated(once)).toBe(once);
      const isWindows = text.includes('\r\n');
      expect(/(?<!\r)\n/.test(once)).toBe(isWindows ? false : once.includes('\n'));
      expect(once.endsWith('\n')).toBe(text.endsWith('\n'));
    }),
    { numRuns: 500 },
  );
});

test('a migrated config means the same', () => {
  const account = { name: 'a', group: 'a', uid: 1, gid: 1, home: '/home/a', known: true };
  const desired = (text: string) => {
    const result = validate(treeOf(text));
    if (!result.ok) throw new Error('not valid');
    return resolve(result.value, account, 'machine');
  };
  fc.assert(
    fc.property(files(), (text) => {
      expect(desired(migrated(text))).toEqual(desired(text));
    }),
  );
});
