import type {
  ArgumentsCamelCase,
  Argv,
  InferredOptionTypes,
  Options,
  PositionalOptions,
} from 'yargs';
import type { ExitName } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';

/** Notes what a command line asks for; it runs once the parser has returned. */
export type Does = (command: () => Promise<number>) => void;

/** What the parser does not ask for: completions and man pages do. */
type Described = {
  /** How its value is called. A FILE, a PATH and a DIR are completed from the file system, a SUBJECT from rules as well. */
  readonly takes?:
    | 'ADDRESS'
    | 'COMMAND'
    | 'DESTINATION'
    | 'DIR'
    | 'FILE'
    | 'N'
    | 'NAME'
    | 'PATH'
    | 'SUBJECT'
    | 'TIME'
    | 'URL'
    | 'VARIABLE'
    | 'WORD';
  /** What it can be, where the command itself refuses all else. */
  readonly words?: readonly string[];
  /** What `--no-…` does, of a switch that is on by default. */
  readonly negated?: string;
};

/** By name, as the parser takes them. */
export type OptionTable = { readonly [name: string]: Options & Described };
export type PositionalTable = { readonly [name: string]: PositionalOptions & Described };

type Exits = Readonly<Partial<Record<ExitName, string>>>;

type Example = readonly [line: string, what: string];

/** A command as data: the parser, the help, shell completions and man pages are made from it. */
export type Command = {
  readonly kind: 'command';
  readonly name: string;
  readonly summary: string;
  /** In the order in which they are typed. */
  readonly positionals: PositionalTable;
  readonly options: OptionTable;
  /** `$0` stands for the program. */
  readonly examples: readonly Example[];
  /** Paragraphs that its manual page has besides, with words of the program in backticks. */
  readonly details: readonly string[];
  /** What its exit codes say, where that is more or other than that it is done. */
  readonly exits: Exits;
  /** `below` are those that share its word. */
  readonly addTo: (parser: Argv, does: Does, world: World, below?: readonly Command[]) => Argv;
};

/** Commands that share a first word. */
export type CommandGroup = {
  readonly kind: 'group';
  readonly name: string;
  readonly summary: string;
  /** What the word does alone; undefined: nothing. It has the same name, and no positionals. */
  readonly itself?: Command;
  /** The command that the first word alone stands for. */
  readonly alone?: string;
  readonly commands: readonly Command[];
};

/** What can be typed first. */
export type Entry = Command | CommandGroup;

type None = Record<never, never>;

type Definition<Positionals, Own> = {
  readonly name: string;
  readonly summary: string;
  readonly positionals?: Positionals;
  readonly options?: Own;
  readonly examples: readonly Example[];
  readonly details?: readonly string[];
  readonly exits?: Exits;
  readonly run: (
    args: ArgumentsCamelCase<Parsed<Positionals, Own>>,
    world: World,
  ) => Promise<number>;
};

type Parsed<Positionals, Own> = InferredOptionTypes<Positionals & Own & OptionTable>;

export function command<
  const Positionals extends PositionalTable = None,
  const Own extends OptionTable = None,
>({ run, positionals, options, details, exits, ...rest }: Definition<Positionals, Own>): Command {
  const data: Omit<Command, 'kind' | 'addTo'> = {
    ...rest,
    positionals: positionals ?? {},
    options: options ?? {},
    details: details ?? [],
    exits: exits ?? {},
  };
  return {
    kind: 'command',
    ...data,
    addTo: (parser, does, world, below = []) =>
      parser.command<Parsed<Positionals, Own>>(
        // A list, for a text alone is not shown as it stands.
        [usageOf(data)],
        data.summary,
        (own) => {
          own.options(below.length === 0 ? data.options : ofItself(data.options));
          for (const one of below) one.addTo(own, does, world);
          addPositionals(data.positionals, own);
          for (const [line, what] of data.examples) own.example(line, what);
        },
        (args) => does(() => run(args, world)),
      ),
  };
}

function addPositionals(positionals: PositionalTable, own: Argv): void {
  for (const [name, value] of Object.entries(positionals)) {
    own.positional(name, value);
    // Else one that begins with a dash would be taken for an option, and read as an empty text.
    if (value.array !== true) own.nargs(name, 1);
  }
}

/** Those below have their own, and what this one requires is not required of them. */
function ofItself(options: OptionTable): OptionTable {
  const own = Object.entries(options).map(([name, option]) => [name, { ...option, global: false }]);
  return Object.fromEntries(own);
}

/** `reset <index>`, `validate [config]` */
function usageOf({ name, positionals }: Pick<Command, 'name' | 'positionals'>): string {
  const words = Object.entries(positionals).map(([word, { demandOption, array }]) => {
    const several = array === true ? `${word}..` : word;
    return demandOption === true ? `<${several}>` : `[${several}]`;
  });
  return [name, ...words].join(' ');
}

export function addGroup(
  { name, summary, alone, itself, commands }: CommandGroup,
  parser: Argv,
  does: Does,
  world: World,
): Argv {
  if (itself !== undefined) return itself.addTo(parser, does, world, commands);
  return parser.command(name, summary, (own) => {
    for (const one of commands) one.addTo(own, does, world);
    // For the help of the group alone; each command has its own.
    for (const [option, value] of optionsOf(commands, alone)) {
      own.option(option, { ...value, global: false });
    }
    const names = commands.map((one) => one.name).join(', ');
    own.demandCommand(1, `a ${name} command is missing: ${names}`);
  });
}

function optionsOf(commands: readonly Command[], name: string | undefined) {
  return Object.entries(commands.find((command) => command.name === name)?.options ?? {});
}

/** Without the groups that they are in. */
export function everyCommand(entries: readonly Entry[]): readonly Command[] {
  return entries.flatMap((entry) => {
    if (entry.kind === 'command') return [entry];
    return entry.itself === undefined ? entry.commands : [entry.itself, ...entry.commands];
  });
}
