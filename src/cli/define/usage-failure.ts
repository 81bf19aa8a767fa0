import { nearest } from '../../core/config/nearest.ts';
import { VllmdError } from '../../core/failure.ts';
import { pastedWord } from '../../core/shell-word.ts';
import type { Entry } from './command.ts';
import { commandAt } from './command-word.ts';
import { everySyntax, type Syntax, syntaxOf, type Value } from './grammar.ts';

/** What the parser refuses, by the words that were typed and with the help of their own command. */
export function usageFailure(
  message: string,
  argv: readonly string[],
  commands: readonly Entry[],
): VllmdError {
  const syntax = commandOf(argv, commands);
  const seeHelp = `see \`${['vllmd', ...syntax.path, '--help'].join(' ')}\``;
  const [text, help] = said(message, syntax, argv) ?? [message];
  return new VllmdError('usage', text, help === undefined ? seeHelp : `${help}; ${seeHelp}`);
}

type Said = readonly [text: string, help?: string];

/** Undefined where the parser says it well. */
function said(message: string, syntax: Syntax, argv: readonly string[]): Said | undefined {
  const [, kind = '', names = ''] = /^(.+?)(?:: (.*))?$/s.exec(message) ?? [];
  const name = names.split(', ')[0] ?? '';
  if (/^Unknown arguments?$/.test(kind)) return unknown(names.split(', '), syntax, argv);
  if (kind === 'Not enough arguments following') return withoutValue(name, syntax);
  if (/^Missing required arguments?$/.test(kind)) return missing(name, syntax);
  if (kind !== 'Not enough non-option arguments') return undefined;
  const [, given = '0'] = /^got (\d+)/.exec(names) ?? [];
  return withoutOperand(syntax, Number(given));
}

function commandOf(argv: readonly string[], commands: readonly Entry[]): Syntax {
  const words = argv.slice(commandAt(argv, commands)).filter((word) => !word.startsWith('-'));
  const program = syntaxOf(commands);
  const fits = ({ path }: Syntax) => path.every((word, at) => word === words[at]);
  return everySyntax(program).findLast(fits) ?? program;
}

function unknown(
  given: readonly string[],
  { path, flags, positionals }: Syntax,
  argv: readonly string[],
): Said | undefined {
  const operand = argv.find((word) => given.includes(word));
  if (operand === undefined)
    return unknownFlag(
      given,
      flags.flatMap((flag) => flag.names),
      argv,
    );
  const command = ['vllmd', ...path];
  const text =
    positionals.length === 0
      ? `${operand}: \`${command.join(' ')}\` takes no operand`
      : `${operand}: it is one operand too many`;
  const names = flags.flatMap((flag) => flag.names);
  const option = ['--config', '--file'].find((name) => names.includes(name));
  if (positionals.length > 0 || option === undefined || !/[./]/.test(operand)) return [text];
  const instead = [...command, option, pastedWord(operand)].join(' ');
  return [text, `a ${option === '--file' ? 'file' : 'config'} is named by \`${instead}\``];
}

/** The parser tells it without its dashes, and in another spelling besides. */
function unknownFlag(
  names: readonly string[],
  known: readonly string[],
  argv: readonly string[],
): Said | undefined {
  const typed = argv.map((word) => word.replace(/=.*$/s, ''));
  const isNamed = (word: string) =>
    word.startsWith('--')
      ? names.includes(word.slice(2)) || names.includes(word.replace(/^--no-/, ''))
      : /^-./.test(word) && names.some((name) => name.length === 1 && word.includes(name));
  const flag = typed.find(isNamed);
  if (flag === undefined) return undefined;
  const near = flag.startsWith('--') ? nearest(flag, known) : undefined;
  return [`${flag}: there is no such option${near === undefined ? '' : `; did you mean ${near}?`}`];
}

function withoutValue(name: string, { flags }: Syntax): Said | undefined {
  const flag = flags.find(({ names }) => names.some((one) => one.replace(/^-+/, '') === name));
  if (flag?.value === undefined) return undefined;
  return [`${flag.names[0]} ${flag.value.name}: the value is missing`, helpOf(flag.value, flag)];
}

function missing(name: string, { flags }: Syntax): Said | undefined {
  const flag = flags.find(({ names }) => names.includes(`--${name}`));
  if (flag?.value === undefined) return undefined;
  return [`--${name} ${flag.value.name} is missing`, helpOf(flag.value, flag)];
}

function withoutOperand({ path, positionals }: Syntax, given: number): Said | undefined {
  const operand = positionals.filter(({ isRequired }) => isRequired)[given];
  if (operand === undefined) return undefined;
  return [`${path.join(' ')}: the ${operand.name} is missing`, helpOf(operand.value, operand)];
}

/** The words that there are, or what it is. */
function helpOf({ words }: Value, { describe }: { readonly describe: string }): string {
  return words.length > 0
    ? words.join(', ')
    : describe.replace(/^[A-Z]/, (first) => first.toLowerCase());
}
