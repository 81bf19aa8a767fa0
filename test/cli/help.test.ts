import { expect, test } from 'vitest';
import { everyCommand } from '../../src/cli/define/command.ts';
import { commands } from '../../src/cli/define/commands.ts';
import { everySyntax, syntaxOf } from '../../src/cli/define/grammar.ts';
import { call } from '../support/call.ts';
import { simulatedHost } from '../support/systemd.ts';

const all = everySyntax(syntaxOf(commands)).map((syntax) => ({
  ...syntax,
  line: ['vllmd', ...syntax.path].join(' '),
}));

async function helpOf(...words: readonly string[]): Promise<string> {
  const { code, out, err } = await call(simulatedHost(), words);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return out;
}

test('the help of every command is exactly as expected', async () => {
  const texts: string[] = [];
  for (const { path, line } of all) {
    texts.push(`$ ${line} --help\n${await helpOf(...path, '--help')}`);
  }
  await expect(texts.join('\n')).toMatchFileSnapshot('expected/help.txt');
});

test.for(all)('the help of $line names its options and shows how it is used', async (syntax) => {
  const help = await helpOf(...syntax.path, '--help');
  expect(Math.max(...help.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  const known = syntax.flags.flatMap(({ names }) => names);
  // What is on by default has its own name here, and says how it is switched off.
  for (const name of known) expect(help).toMatch(new RegExp(`(?<![\\w-])${name}(?![\\w-])`));
  const listed = [...help.matchAll(/^ +(?:-\w, )?(--[\w-]+) /gm)].map(([, name = '']) => name);
  const missing = listed
    .filter((name) => name !== '--version' && !known.includes(name))
    .filter((name) => !known.includes(name.replace('--', '--no-')));
  expect(missing, 'completions and manual pages lack these: src/cli/define/grammar.ts').toEqual([]);
  for (const { names } of hidden(syntax.path)) expect(help).not.toContain(names);
  expect(help.includes('\nExamples:\n'), 'give it an example').toBe(syntax.isRunnable);
});

function hidden(path: readonly string[]): readonly { readonly names: string }[] {
  const own = everyCommand(commands).find(({ name }) => name === path.at(-1));
  return Object.entries(own?.options ?? {}).flatMap(([name, option]) =>
    option.hidden === true ? [{ names: `--${name}` }] : [],
  );
}

test('vllmd help shows the help of a command, too', async () => {
  expect(await helpOf('help')).toBe(await helpOf('--help'));
  expect(await helpOf('help', 'install')).toBe(await helpOf('install', '--help'));
  expect(await helpOf('help', 'disk', 'reset')).toBe(await helpOf('disk', 'reset', '--help'));
  expect(await helpOf('-q', 'help', 'install')).toBe(await helpOf('install', '--help'));
  const { code, out, err } = await call(simulatedHost(), ['help', 'instal']);
  expect({ code, out }).toEqual({ code: 64, out: '' });
  expect(err).toContain('help instal: there is no such command');
});
