import type { Command, CommandGroup, OptionTable, PositionalTable } from './command.ts';
import { everywhereOptions } from './options.ts';

/** What stands for a value: one of some words, something of the file system, either, or what nobody can complete. */
export type Value = {
  readonly name: string;
  readonly words: readonly string[];
  readonly from: 'words' | 'files' | 'words or files' | 'directories' | 'nowhere';
};

export type Flag = {
  /** The long one first, each with its dashes. */
  readonly names: readonly [string, ...string[]];
  readonly describe: string;
  /** Undefined for a switch. */
  readonly value: Value | undefined;
  /** It means something without its value too. */
  readonly isValueOptional: boolean;
  /** Takes all values up to the next option. */
  readonly isList: boolean;
  readonly isRequired: boolean;
  /** What it is when it is not given. */
  readonly fallback: string | undefined;
};

export type Positional = {
  readonly name: string;
  readonly describe: string;
  readonly value: Value;
  /** Takes all that follow. */
  readonly isList: boolean;
  readonly isRequired: boolean;
};

/** What can be typed after some words: commands, or the flags and values of one. */
export type Syntax = {
  /** `disk reset`; empty for the program itself. */
  readonly path: readonly string[];
  readonly summary: string;
  /** It does something without a further word. */
  readonly isRunnable: boolean;
  readonly flags: readonly Flag[];
  readonly positionals: readonly Positional[];
  readonly commands: readonly Syntax[];
  readonly examples: Command['examples'];
  readonly details: readonly string[];
  readonly exits: Command['exits'];
};

const helpFlag: Flag = {
  ...switchOf('Show help'),
  names: ['--help', '-h'],
};

const versionFlag: Flag = {
  ...switchOf('Show the version'),
  names: ['--version'],
};

/** The whole of it, without what is hidden. `rules` are those that can be explained. */
export function syntaxOf(
  entries: readonly (Command | CommandGroup)[],
  rules: readonly string[] = [],
): Syntax {
  return {
    ...{ path: [], summary: '', isRunnable: false },
    ...{ positionals: [], examples: [], details: [], exits: {} },
    flags: [...flagsOf(everywhereOptions), helpFlag, versionFlag],
    commands: entries.map((entry) =>
      entry.kind === 'group' ? groupSyntax(entry, rules) : commandSyntax(entry, [], rules),
    ),
  };
}

/** This one, and all below it. */
export function everySyntax(syntax: Syntax): readonly Syntax[] {
  return [syntax, ...syntax.commands.flatMap(everySyntax)];
}

function groupSyntax(
  { name, summary, alone, itself, commands }: CommandGroup,
  rules: readonly string[],
): Syntax {
  const below = commands.map((command) => commandSyntax(command, [name], rules));
  if (itself !== undefined) return { ...commandSyntax(itself, [], rules), commands: below };
  const own = commands.find((command) => command.name === alone)?.options ?? {};
  return {
    ...{ path: [name], summary, isRunnable: false },
    ...{ positionals: [], examples: [], details: [], exits: {} },
    flags: [...flagsOf(own), ...flagsOf(everywhereOptions), helpFlag],
    commands: below,
  };
}

function commandSyntax(
  command: Command,
  group: readonly string[],
  rules: readonly string[],
): Syntax {
  const { name, summary, options, positionals, examples, details, exits } = command;
  return {
    ...{
      path: [...group, name],
      summary,
      isRunnable: true,
      examples,
      details,
      exits,
      commands: [],
    },
    flags: [...flagsOf(options), ...flagsOf(everywhereOptions), helpFlag],
    positionals: positionalsOf(positionals, rules),
  };
}

function flagsOf(options: OptionTable): readonly Flag[] {
  return Object.entries(options).flatMap(([name, option]): readonly Flag[] => {
    if (option.hidden === true) return [];
    const describe = option.describe ?? '';
    if (option.type === 'boolean' && option.default === true) {
      return [{ ...switchOf(option.negated ?? describe), names: [`--no-${name}`] }];
    }
    return [
      {
        names: [`--${name}`, ...aliasesOf(option.alias)],
        describe,
        value: option.type === 'boolean' ? undefined : valueFor(name, option),
        isValueOptional: option.type !== 'boolean' && option.requiresArg !== true,
        isList: option.type === 'array',
        isRequired: option.demandOption === true,
        fallback: typeof option.default === 'string' ? option.default : undefined,
      },
    ];
  });
}

function aliasesOf(alias: OptionTable[string]['alias']): readonly string[] {
  const names = alias === undefined ? [] : [alias].flat();
  return names.map((name) => (name.length === 1 ? `-${name}` : `--${name}`));
}

function positionalsOf(table: PositionalTable, rules: readonly string[]): readonly Positional[] {
  return Object.entries(table).map(([name, positional]) => ({
    name,
    describe: positional.describe ?? '',
    value: valueFor(name, positional, rules),
    isList: positional.array === true,
    isRequired: positional.demandOption === true,
  }));
}

type Takes = Pick<OptionTable[string], 'takes' | 'choices' | 'words'>;

function valueFor(
  name: string,
  { takes, choices = [], words = [] }: Takes,
  rules: readonly string[] = [],
): Value {
  if (choices.length > 0) return { name, words: choices.map(String), from: 'words' };
  const value = { name: takes ?? name.toUpperCase(), words };
  if (words.length > 0) return { ...value, from: 'words' };
  switch (takes) {
    case 'FILE':
    case 'PATH':
      return { ...value, from: 'files' };
    case 'DIR':
      return { ...value, from: 'directories' };
    case 'SUBJECT':
      return { ...value, words: rules, from: 'words or files' };
    case 'ADDRESS':
    case 'COMMAND':
    case 'DESTINATION':
    case 'N':
    case 'NAME':
    case 'TIME':
    case 'URL':
    case 'VARIABLE':
    case 'WORD':
    case undefined:
      return { ...value, from: 'nowhere' };
    default:
      return takes satisfies never;
  }
}

function switchOf(describe: string): Omit<Flag, 'names'> {
  return {
    ...{ describe, value: undefined, isValueOptional: false },
    ...{ isList: false, isRequired: false, fallback: undefined },
  };
}
