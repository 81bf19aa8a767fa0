import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commands } from '../../src/cli/define/commands.ts';
import { everySyntax, syntaxOf } from '../../src/cli/define/grammar.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** What operators and contributors read. */
export const documents = [
  'README.md',
  'CHANGELOG.md',
  'packaging/ansible/README.md',
  ...docs(),
].map((path) => ({
  path,
  text: readText(path),
}));

function docs(): readonly string[] {
  return readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`);
}

export type CodeBlock = { readonly language: string; readonly body: string };

export function codeBlocks(text: string): readonly CodeBlock[] {
  const blocks = text.matchAll(/^ *```([^\n]*)\n(.*?)^ *```$/gms);
  return [...blocks].map(([, language = '', body = '']) => ({ language, body }));
}

export function inlineCode(text: string): readonly string[] {
  const prose = text.replace(/^ *```.*?^ *```$/gms, '');
  return [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
}

/** A command as it is typed, without sudo, redirection and comment, where it stands, and what is shown of its output. */
export type ShownCommand = {
  readonly where: string;
  readonly line: string;
  readonly output?: readonly string[];
};

/** Every command in the shell blocks and sessions of the documents, and in the examples of the commands. */
export function shownCommands(): readonly ShownCommand[] {
  const inBlocks = documents.flatMap(({ path, text }) =>
    codeBlocks(text)
      .filter(({ language }) => language === 'sh')
      .flatMap(({ body }) => body.replaceAll('\\\n', ' ').split('\n').flatMap(commandsOf))
      .map((line) => ({ where: path, line })),
  );
  const inExamples = everySyntax(syntaxOf(commands)).flatMap(({ path, examples }) =>
    examples
      .flatMap(([line]) => commandsOf(line.replaceAll('$0', 'vllmd')))
      .map((line) => ({ where: `the examples of ${path.join(' ')}`, line })),
  );
  return [...inBlocks, ...sessions(), ...inExamples];
}

/** In a block of `console` a command stands behind `$ `, and what it prints below it, with `…` for what is left out. */
function sessions(): readonly ShownCommand[] {
  return documents.flatMap(({ path, text }) =>
    codeBlocks(text)
      .filter(({ language }) => language === 'console')
      .flatMap(({ body }) => body.split(/^\$ /m).slice(1))
      .flatMap((part) => {
        const [line = '', ...rest] = part.split('\n');
        const output = rest.filter((shown) => shown.trim() !== '' && shown !== '…');
        return commandsOf(line).map((command) => ({ where: path, line: command, output }));
      }),
  );
}

/** The commands of one line of a shell. */
export function commandsOf(line: string): readonly string[] {
  return line
    .replace(/(?:^|\s)#.*/, '')
    .split(/&&|;|\|/)
    .map((part) =>
      part
        .trim()
        .replace(/^source <\((.*)\)$/, '$1')
        .replace(/^sudo (?:env (?:"[^"]*" )*)?/, '')
        .replace(/ +>>? *\S+$/, '')
        .replaceAll(/ +/g, ' '),
    )
    .filter((part) => part !== '');
}
