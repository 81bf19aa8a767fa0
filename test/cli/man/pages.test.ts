import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import schema from '../../../schemas/vllmd-hypervisor-config-schema.json' with { type: 'json' };
import { commands } from '../../../src/cli/define/commands.ts';
import { everySyntax, syntaxOf } from '../../../src/cli/define/grammar.ts';
import { hostCommands } from '../../../src/cli/define/host-commands.ts';
import { commandPage } from '../../../src/cli/man/command-page.ts';
import { configPage } from '../../../src/cli/man/config-page.ts';
import { isCommand, programPage } from '../../../src/cli/man/program-page.ts';
import { roffPage } from '../../../src/cli/man/roff.ts';
import { shareFiles } from '../../../src/cli/share-files.ts';
import { configKeys } from '../../../src/core/config/config-input.gen.ts';
import { exitCodes } from '../../../src/core/failure.ts';
import { nasty, sampleProgram } from '../../support/sample-program.ts';
import { missingProgram } from '../../support/terminal.ts';

const edition = { version: '1.2.3', date: '2026-01-31' };
const example = '[table]\nkey = "\\\\ . \'x\'"\n\n.dot = 1\n';
const share = shareFiles({ ...edition, schema, example });
const pages = [...share].filter(([path]) => path.startsWith('man/'));

const sampleSchema = {
  description: nasty,
  properties: {
    version: { type: 'integer', enum: [1, 2], default: 1, description: '.Of the `file`.' },
    table: {
      ...{ type: 'object', description: 'A table.', 'x-since': 2, required: ['key'] },
      properties: {
        key: { type: 'string', pattern: '^\\w+$', description: 'A word.', 'x-sensitive': true },
        count: { type: 'integer', minimum: 1, maximum: 9, default: 3, description: 'A number.' },
      },
    },
    list: {
      type: 'array',
      items: {
        ...{ type: 'object', description: 'One of them.' },
        properties: {
          names: {
            ...{ type: 'array', uniqueItems: true, default: [], description: 'Names.' },
            items: { type: 'string', maxLength: 8 },
          },
        },
      },
    },
  },
};

const samples = [
  programPage(sampleProgram),
  ...everySyntax(sampleProgram).filter(isCommand).map(commandPage),
  configPage(sampleSchema, example),
];

test.for(samples)('the page $name of a sample is exactly as expected', (page) =>
  expect(roffPage(page, edition)).toMatchFileSnapshot(`expected/${page.name}.${page.section}`),
);

let base = '';
let files: readonly string[] = [];
beforeAll(() => {
  base = mkdtempSync(join(tmpdir(), 'vllmd-man-'));
  const all = [
    ...pages,
    ...samples.map((page): [string, string] => [`sample/${page.name}`, roffPage(page, edition)]),
  ];
  for (const [path, text] of all) {
    mkdirSync(join(base, dirname(path)), { recursive: true });
    writeFileSync(join(base, path), text);
  }
  files = all.map(([path]) => join(base, path));
});
afterAll(() => rmSync(base, { recursive: true }));

test('mandoc has no warning for any page', ({ skip }) => {
  const why = missingProgram('mandoc');
  skip(why !== undefined, why);
  const { status, stdout } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', ...files], {
    encoding: 'utf8',
  });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
});

const pageNames = [...pages.map(([path]) => path), ...samples.map(({ name }) => `sample/${name}`)];

test.for(pageNames)('man shows %s without a warning', (name, { skip }) => {
  const why = missingProgram('man') ?? missingProgram('groff');
  skip(why !== undefined, why);
  const { status, stderr } = man(join(base, name));
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('apropos finds every page', ({ skip }) => {
  const why = missingProgram('lexgrog');
  skip(why !== undefined, why);
  const { stdout } = spawnSync('lexgrog', files, { encoding: 'utf8' });
  const found = stdout.trimEnd().split('\n');
  expect(found).toHaveLength(files.length);
  for (const [at, file] of files.entries()) {
    const name = file.replace(/^.*\//, '').replace(/\.[15]$/, '');
    expect(found[at]).toMatch(
      new RegExp(`^${file}: "${name.replaceAll('.', '\\.')} - [a-z].*[^.]"$`),
    );
  }
});

test('man shows texts as they are, whatever is in them', ({ skip }) => {
  const why = missingProgram('man');
  skip(why !== undefined, why);
  const shown = (name: string) => man(join(base, 'sample', name)).stdout;
  // What stands between backticks is bold.
  const words = nasty.replaceAll('`', '');
  expect(shown('vllmd-look')).toContain(`Look: ${words}.`);
  expect(shown('vllmd-look')).toContain('vllmd look --out=. a.toml\n');
  expect(shown('vllmd-wheel-turn')).toContain(`.First: ${words}`);
  expect(shown('vllmd.toml')).toMatch(/key = "\\\\ \. 'x'"\n\n +\.dot = 1\n/);
});

function man(file: string) {
  return spawnSync('man', ['--warnings=w', '--encoding=UTF-8', '--local-file', file], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', MANWIDTH: '200', MAN_KEEP_FORMATTING: '' },
  });
}

test('there is a page for every command, with each of its options', () => {
  const all = everySyntax(syntaxOf(commands)).filter(isCommand);
  expect(pages).toHaveLength(all.length + 2);
  for (const { path, flags } of all) {
    const page = share.get(`man/man1/vllmd-${path.join('-')}.1`) ?? '';
    for (const name of flags.flatMap(({ names }) => names)) {
      expect(page).toContain(`\\fB${name.replaceAll('-', '\\-')}\\fR`);
    }
    expect(page.split('\n.SH EXAMPLES\n')).toHaveLength(2);
  }
});

test('a page says of each exit code of its command what it means there', () => {
  const exitsOf = (command: string) =>
    (share.get(`man/man1/vllmd-${command}.1`) ?? '').split('.SH EXIT STATUS')[1] ?? '';
  expect(exitsOf('verify')).toMatch(/\n.fB0.fR\nThe host is as it was installed\.\n/);
  expect(exitsOf('verify')).toMatch(/\n.fB2.fR\nIt is not/);
  expect(exitsOf('precheck')).toMatch(/\n.fB0.fR\nREADY: .*\n.TP\n.fB6.fR\nNOT.-READY: /);
  expect(exitsOf('history')).toMatch(/\n.fB0.fR\nIt is done\.\n/);
});

test('every command of a host is described in more than its summary', () => {
  for (const { name, details } of hostCommands)
    expect([name, details.length > 0]).toEqual([name, true]);
});

test('vllmd(1) has every exit code, and vllmd.toml(5) every key', () => {
  const codes = [...(share.get('man/man1/vllmd.1') ?? '').matchAll(/^\\fB(\d+)\\fR$/gm)];
  expect(codes.map(([, code]) => Number(code))).toEqual([...new Set(Object.values(exitCodes))]);
  const page = share.get('man/man5/vllmd.toml.5') ?? '';
  for (const [table, keys] of Object.entries(configKeys)) {
    for (const key of keys.filter((name) => !isTable(table, name))) {
      expect(page).toContain(`\n\\fB${key}\\fR = `);
    }
  }
  expect(page).toContain('\n.SH [[runtimes]]\n');
  expect(page).toContain('\n.SH [runtimes.llama]\n');
});

function isTable(table: string, key: string): boolean {
  return Object.hasOwn(configKeys, table === '' ? key : `${table}.${key}`);
}

test('all of it is ASCII, says who made it, and is the same each time', () => {
  const again = shareFiles({ ...edition, schema, example });
  expect([...again]).toEqual([...share]);
  for (const [path, text] of share) {
    expect(text, path).toMatch(/^[\n -~]+\n$/);
    expect(text.split('\n').slice(0, 2).join(), path).toContain('Generated by vllmd');
  }
});
