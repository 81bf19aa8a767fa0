import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { commands } from '../src/cli/define/commands.ts';
import { run } from '../src/cli/run.ts';
import { loadConfig } from '../src/core/config/load.ts';
import { exitMeanings } from '../src/core/exit-meanings.ts';
import { type ExitName, exitCodes } from '../src/core/failure.ts';
import { loadLlama } from '../src/core/llama/load.ts';
import { hostLayer } from '../src/core/resolve/layer.ts';
import * as layout from '../src/core/resolve/layout.ts';
import { codeBlocks, commandsOf, documents, inlineCode, readText } from './support/doc-lines.ts';
import { describedHost, testWorld } from './support/world.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readText('README.md');

test('every TOML block is a valid config', () => {
  const blocks = documents.flatMap(({ text }) => blocksOf(text, 'toml'));
  expect(blocks).not.toEqual([]);
  for (const block of blocks) {
    const bytes = new TextEncoder().encode(block);
    const loaded = /^\[(?:master|instance)/m.test(block)
      ? loadLlama(bytes, { mode: 'strict', readTable: () => ({ why: 'is not here' }) })
      : loadConfig(bytes);
    expect(loaded.result, block).toMatchObject({ ok: true, warnings: [] });
  }
});

test('every relative link leads to a file', () => {
  const links = documents.flatMap(({ path, text }) =>
    [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target = '']) =>
      join(dirname(path), target),
    ),
  );
  expect(links).toContain('docs/reference.md');
  expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('every path in backticks exists', () => {
  const folders = /^(?:src|templates|schemas|test|scripts|fixtures|docs)\//;
  const paths = documents
    .flatMap(({ text }) => inlineCode(text))
    .flatMap((code) => code.split(' '))
    .filter((word) => folders.test(word));
  expect(paths).toContain('src/host/transaction/execute.ts');
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

const calls = documents
  .flatMap(({ path, text }) => commandLines(text).map((words) => ({ path, words })))
  .filter(({ words: [program, command = ''] }) => program === 'vllmd' && isCommand(command))
  .map(({ path, words: [, command = '', ...words] }) => ({
    ...{ path, command, words },
    line: [command, ...words].join(' '),
  }));

test('the README shows how to install, look and uninstall', () => {
  const commands = calls.map(({ command }) => command);
  expect(commands).toEqual(expect.arrayContaining(['install', 'status', 'uninstall', 'validate']));
});

test('the README shows every command, and every option of an install', async () => {
  const world = testWorld(describedHost());
  await run(['--help'], world);
  const named = [...world.out().matchAll(/^ {2}vllmd (\w+)/gm)].map(([, command = '']) => command);
  expect(named).toContain('install');
  const options = [...(await helpOf('install')).matchAll(/^ .*?(--[\w-]+) {2}/gm)]
    .map(([, option = '']) => option)
    .filter((option) => option !== '--version' && option !== '--help');
  expect(options).toContain('--dry-run');
  // On by default; the README shows how they are switched off.
  const shown = options.map((option) => option.replace(/^--(?=(re)?start$)/, '--no-'));
  const shownCommands = new Set(
    calls.filter(({ path }) => path === 'README.md').map(({ command }) => command),
  );
  expect(named.filter((command) => !shownCommands.has(command))).toEqual([]);
  expect(shown.filter((option) => !wholeWord(option).test(readme))).toEqual([]);
});

test('the README says of every path of the record and every unit what it is', () => {
  const [, section = ''] = readme.split('## What lies where\n');
  const [table = ''] = section.split('\n## ');
  const { LOCK_PATH, STAGE_DIR, UNRECOVERED_PATH } = layout;
  const units = readdirSync(join(root, 'templates'))
    .filter((name) => /\.(service|slice|target)\.hbs$/.test(name))
    .map((name) => name.slice(0, -'.hbs'.length));
  const named = [
    ...Object.values<string>(hostLayer.record),
    ...[LOCK_PATH, STAGE_DIR, UNRECOVERED_PATH],
    ...units,
  ];
  expect(units).toContain('vllmd-recover.service');
  expect(named.filter((name) => !table.includes(name))).toEqual([]);
});

test.for(calls)(
  'the program understands what $path names: vllmd $line',
  async ({ command, words }) => {
    const isGroup = commands.some(({ kind, name }) => kind === 'group' && name === command);
    const inGroup = isGroup ? words.slice(0, 1).filter((word) => !word.startsWith('-')) : [];
    const help = await helpOf(command, ...inGroup);
    expect(help.startsWith(`vllmd ${[command, ...inGroup].join(' ')}`)).toBe(true);
    for (const flag of flagsOf(words)) expect(help).toMatch(wholeWord(flag));
  },
);

test('every option shown with install.sh is one of it or of vllmd install', async () => {
  const script = commandLines(readme).filter(([program]) => program === './install.sh');
  expect(script).not.toEqual([]);
  const known = readText('install.sh') + (await helpOf('install'));
  for (const flag of script.flatMap(flagsOf)) expect(known).toMatch(wholeWord(flag));
});

test('every npm script that is named exists', () => {
  const { scripts } = JSON.parse(readText('package.json'));
  const named = documents.flatMap(({ text }) =>
    [...text.matchAll(/\bnpm (?:run ([\w:-]+)|(test)\b)/g)].map(([, script, own]) => script ?? own),
  );
  expect(named).toContain('test');
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});

test('the table of exit codes has exactly the codes that the program uses', () => {
  const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readText(`src/${name}`))
    .join('\n');
  const uses = sources.matchAll(/\bexitCodes\.(\w+)|\bVllmdError\(\s*'(\w+)'/g);
  const used = new Set([...uses].map(([, code, failure]) => code ?? failure));
  const codes = Object.entries(exitCodes).flatMap(([name, code]) => (used.has(name) ? code : []));
  const rows = exitRows().flatMap(([, code = '']) => code.split(', '));
  expect(rows.map(Number)).toEqual([...new Set(codes)]);
});

function exitRows() {
  const [, section = ''] = readme.split('## Exit codes\n');
  const [table = ''] = section.split('\n## ');
  return [...table.matchAll(/^\| ([\d, ]+) \| (.*) \|$/gm)];
}

test('the table of exit codes names the commands and options that vllmd(1) names', () => {
  const namedIn = (text: string) => [...new Set(text.match(/`[^`]+`/g))].sort();
  const names = Object.keys(exitMeanings) as readonly ExitName[];
  for (const [, codes = '', meaning = ''] of exitRows()) {
    const ofCodes = names.filter((name) => codes.split(', ').includes(String(exitCodes[name])));
    const texts = ofCodes.map((name) => exitMeanings[name]).join(' ');
    expect([codes, namedIn(texts)]).toEqual([codes, namedIn(meaning)]);
  }
});

test('the dry run in the README is the real one, shortened', () => {
  const real = readText('fixtures/contract-example/expected/plan.txt').split('\n');
  const [block = ''] = blocksOf(readme, 'diff');
  const shown = block.split('\n').filter((line) => line !== '' && line !== '…');
  expect(shown.at(-1)).toMatch(/^Plan: /);
  let next = 0;
  for (const line of shown) {
    const at = real.indexOf(line, next);
    expect(at, line).toBeGreaterThanOrEqual(next);
    next = at + 1;
  }
});

function blocksOf(text: string, wanted: string): readonly string[] {
  return codeBlocks(text).flatMap(({ language, body }) => (language === wanted ? body : []));
}

/** `vllmd --help`, `vllmd help` and `vllmd COMMAND` are of all of them. */
function isCommand(word: string): boolean {
  return /^[a-z]/.test(word) && word !== 'help';
}

/** The words of each command in shell blocks and inline code, without sudo, assignments and comments. */
function commandLines(text: string): readonly (readonly string[])[] {
  return [...blocksOf(text, 'sh').flatMap((block) => block.split('\n')), ...inlineCode(text)]
    .flatMap(commandsOf)
    .map((command) => command.split(' '))
    .filter(([, argument]) => argument !== undefined);
}

function flagsOf(words: readonly string[]): readonly string[] {
  return words.filter((word) => word.startsWith('--'));
}

function wholeWord(flag: string): RegExp {
  return new RegExp(`(?<![\\w-])${flag}(?![\\w-])`);
}

async function helpOf(...command: readonly string[]): Promise<string> {
  const world = testWorld(describedHost());
  expect(await run([...command, '--help'], world)).toBe(0);
  return world.out();
}
