import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dumpOf } from '../support/dump.ts';
import { readEnvironmentFile } from '../support/env-file-grammar.ts';
import { hostileText } from '../support/hostile-text.ts';
import {
  commandOf,
  readUnitFile,
  valuesOf,
  withSpecifiers,
  wordsOf,
} from '../support/unit-file-grammar.ts';

const has = (program: string) => spawnSync(program, ['--version']).status === 0;
const hasTmpfiles = has('systemd-tmpfiles');
const hasAnalyze = has('systemd-analyze');
const SEED = 20_261_126;

let root = '';
beforeAll(() => {
  root = mkdtempSync(`${tmpdir()}/vllmd-grammars-`);
});
afterAll(() => rmSync(root, { recursive: true }));

/** EnvironmentFile= in systemd.exec(5): comments, quotes, continuation. */
test.for([
  ['A=b', 'b'],
  ['A= b c \t', 'b c'],
  ['A=', ''],
  ['A="b c"', 'b c'],
  ["A='b c'", 'b c'],
  ["A='it''s'", 'its'],
  ['A="b" "c"d', 'bcd'],
  ['A=b"c"', 'b"c"'],
  ["A=b'c'", "b'c'"],
  ['A="\\$HOME \\" \\\\ \\` \\n"', '$HOME " \\ ` \\n'],
  ["A='\\$HOME'", '\\$HOME'],
  ['A=\\$b\\ \\\\', '$b \\'],
  ['A=b\\\nc', 'bc'],
  ['A="b\\\nc"', 'bc'],
  ['A="b\nc"', 'b\nc'],
  ['# A=x\n; A=y\nA=b # c', 'b # c'],
  ['A=1\nA=2', '2'],
  ['  A = b', 'b'],
  ['A=b;c#d', 'b;c#d'],
  ['A=b\nB', 'b'],
] as const)('an environment file %j says %j', ([text, value]) => {
  expect(readEnvironmentFile(text).get('A')).toBe(value);
});

test.for(['A=a\ufffe', 'A=a\u0001', '1A=b', 'A-B=c', 'A="\u007f"', '# a \\\nA=b'])(
  'an environment file %j is one that systemd drops something of',
  (text) => {
    expect(() => readEnvironmentFile(text)).toThrow();
  },
);

/** The example of systemd.syntax(7) is the third. */
test.for([
  ['[A]\nK=v', ['v']],
  ['[A]\nK = v  \nK=\n', ['v', '']],
  [
    '[Section A]\nK=value 2\\\n       value 2 continued',
    ['value 2       value 2 continued'.replace('       ', ' ')],
  ],
  [
    '[A]\nK=value 3\\\n# this line is ignored\n; this line is ignored too\n value 3 continued',
    ['value 3 value 3 continued'],
  ],
  ['[A]\nK=v\\\\\nK=w', ['v\\\\', 'w']],
  ['[A]\nK=v\\ \nK=w', ['v\\', 'w']],
] as const)('a unit file %j has these values', ([text, values]) => {
  expect(valuesOf(readUnitFile(text), 'K')).toEqual(values);
});

test.for(['K=v', '[A]\nword', '[A]\nK=a\ufffe', `[A]\nK=${'x'.repeat(1_048_600)}`])(
  'a unit file is one that systemd ignores a line of',
  (text) => {
    expect(() => readUnitFile(text)).toThrow();
  },
);

test('words, specifiers and command lines are read as systemd.syntax(7) and systemd.service(5) have them', () => {
  expect(wordsOf('a "b c" d\\ e \'f\'g ""')).toEqual(['a', 'b c', 'd e', 'fg', '']);
  expect(wordsOf('/a\\:b:/c', ' :')).toEqual(['/a:b', '/c']);
  expect(() => wordsOf('a\\')).toThrow('backslash');
  expect(() => wordsOf('"a')).toThrow('unbalanced');
  expect(withSpecifiers('50%% of %i', '7')).toBe('50% of 7');
  expect(() => withSpecifiers('%n')).toThrow('specifier');
  expect(wordsOf('a\\n "b\\t"')).toEqual(['an', 'bt']);
  expect(commandOf(':/x "a\\n\\tb" c\\n', new Map())).toEqual(['/x', 'a\n\tb', 'c\n']);
  const environment = new Map([
    ['ONE', 'a b'],
    ['TWO', '$ONE'],
  ]);
  expect(commandOf('-/x $ONE $' + '{ONE} p=$' + '{TWO} $$ONE $NONE %i', environment, '1')).toEqual([
    ...['/x', 'a', 'b', 'a b', 'p=$ONE', '$ONE', '1'],
  ]);
});

/** Anything that can stand behind `=`, whatever it means. */
const written = fc
  .array(
    fc.oneof(
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          '"',
          "'",
          '\\',
          ' ',
          '\t',
          '\\\n',
          '$',
          '`',
          '#',
          ';',
          '\\"',
          '\\$',
        ),
      },
      { weight: 1, arbitrary: hostileText },
    ),
    { maxLength: 10 },
  )
  .map((parts) => parts.join(''));

/** A quote that is not closed would go on in the next line, and an empty value is none to systemd-tmpfiles. */
function isOneValue(text: string): boolean {
  const read = readEnvironmentFile(`A=${text}\nB=b\n`);
  return read.get('B') === 'b' && read.get('A') !== '' && read.size === 2;
}

const NAMES = { BUILD_ID: '%B', VERSION_ID: '%w', VARIANT_ID: '%W' };

test.skipIf(!hasTmpfiles)('systemd reads environment files as the tests do', () => {
  let compared = 0;
  const values = fc.array(written.filter(isOneValue), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(values, (texts) => {
      const names = Object.keys(NAMES);
      const text = names.map((name, at) => `${name}=${texts[at]}\n`).join('');
      expect(readBySystemd(text)).toEqual(Object.fromEntries(readEnvironmentFile(text)));
      compared += names.length;
    }),
    { numRuns: 100, seed: SEED },
  );
  process.stderr.write(`values of environment files compared with systemd's: ${compared}\n`);
});

/** systemd-tmpfiles fills in values of os-release, which is read by the same code as any environment file. */
function readBySystemd(text: string): Readonly<Record<string, string>> {
  mkdirSync(`${root}/etc/tmpfiles.d`, { recursive: true });
  writeFileSync(`${root}/etc/os-release`, text);
  const lines = Object.entries(NAMES).map(
    ([name, specifier]) => `f+ /${name} - - - - ${specifier}\n`,
  );
  writeFileSync(`${root}/etc/tmpfiles.d/values.conf`, lines.join(''));
  const { stderr } = spawnSync('systemd-tmpfiles', [`--root=${root}`, '--create'], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return Object.fromEntries(
    Object.keys(NAMES).map((name) => [name, readFileSync(`${root}/${name}`, 'utf8')]),
  );
}

/** What systemd would ignore is left to the test of whole trees, where it must not be. */
function isOneUnit(text: string): boolean {
  try {
    const unit = readUnitFile(unitWith(text));
    return (
      unit.length === 3 &&
      unit.every(({ value }) => withSpecifiers(value) !== '') &&
      mountsIn(text) !== undefined
    );
  } catch {
    return false;
  }
}

function unitWith(text: string): string {
  return `[Unit]\nDescription=x${text}\nRequiresMountsFor=/x${text}\n[Service]\nExecStart=/x\n`;
}

/** systemd takes absolute paths only, and simplifies them; undefined for those that are too long or may be simplified. */
function mountsIn(text: string): readonly string[] | undefined {
  const [mounts = ''] = valuesOf(readUnitFile(unitWith(text)), 'RequiresMountsFor');
  const paths = wordsOf(mounts).map((word) => withSpecifiers(word));
  if (paths.some((path) => path.length > 250 || /\/[./]|.\/$/.test(path))) return undefined;
  return [...new Set(paths.filter((path) => path.startsWith('/')))].sort();
}

test.skipIf(!hasAnalyze)('systemd reads unit files as the tests do', () => {
  const texts = fc.sample(written.filter(isOneUnit), { numRuns: 400, seed: SEED });
  const directory = `${root}/etc/systemd/system`;
  mkdirSync(directory, { recursive: true });
  texts.forEach((text, at) => {
    writeFileSync(`${directory}/u${at}.service`, unitWith(text));
  });
  const dump = dumpOf(
    root,
    texts.map((_, at) => `u${at}.service`),
  );
  texts.forEach((text, at) => {
    const seen = dump.get(`u${at}.service`);
    const [description = ''] = valuesOf(readUnitFile(unitWith(text)), 'Description');
    expect({ text, description: seen?.get('Description') }).toEqual({
      ...{ text, description: [withSpecifiers(description)] },
    });
    const mounts = (seen?.get('RequiresMountsFor') ?? []).map((line) =>
      line.replace(' (origin-file)', ''),
    );
    expect({ text, mounts: mounts.sort() }).toEqual({ text, mounts: mountsIn(text) });
  });
  process.stderr.write(`units compared with systemd's: ${texts.length}\n`);
});
