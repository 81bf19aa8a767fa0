import yargs from 'yargs';
import { configVersions } from '../core/config/config-input.gen.ts';
import { visibleLines } from '../core/control-characters.ts';
import { exitCodes, VllmdError } from '../core/failure.ts';
import type { World } from '../host/world.ts';
import { withoutDashes } from './define/behind-dashes.ts';
import { addGroup, type Does, type Entry } from './define/command.ts';
import { mustNameSomething } from './define/empty-values.ts';
import { withHelpWords } from './define/help-words.ts';
import { everywhereOptions } from './define/options.ts';
import { severalValues } from './define/several-values.ts';
import { commandsFor } from './define/some-commands.ts';
import { withStdinByPath } from './define/stdin-by-path.ts';
import { refuseUnknownCommand } from './define/unknown-command.ts';
import { usageFailure } from './define/usage-failure.ts';
import { withCommandFirst } from './define/with-command-first.ts';
import { type JsonAnswer, jsonAnswer } from './json-answer.ts';
import { showFailure } from './show-failure.ts';
import { styleFor } from './style-for.ts';
import { type TellingWorld, tellingWorld, type Volume } from './telling-world.ts';

/** One command line to one exit code. Whatever goes wrong below ends here. */
export async function run(argv: readonly string[], outside: World): Promise<number> {
  const telling = tellingWorld({ ...outside, commandLine: argv });
  const answer = jsonAnswer(telling.world);
  try {
    const code = await dispatch(argv, answer, telling);
    answer.ended(code);
    return code;
  } catch (error) {
    telling.end();
    const failure = error instanceof VllmdError ? error : undefined;
    answer.failed(failure ?? new VllmdError('unexpected', `a bug in vllmd: ${String(error)}`));
    return failure === undefined ? explainBug(error, outside) : explain(failure, outside);
  } finally {
    telling.end();
  }
}

async function dispatch(
  argv: readonly string[],
  { world, ask }: JsonAnswer,
  { setVolume }: TellingWorld,
): Promise<number> {
  // What is refused before the check below is answered as well.
  ask(roughly(argv));
  const commands = await commandsFor(argv);
  const words = wordsOf(argv, commands);
  refuseUnknownCommand(words, commands);
  let chosen = async (): Promise<number> => exitCodes.ok;
  const does: Does = (command) => {
    chosen = command;
    throw enough;
  };
  const parser = yargs();
  for (const entry of commands) {
    if (entry.kind === 'group') addGroup(entry, parser, does, world);
    else entry.addTo(parser, does, world);
  }
  parser
    .scriptName('vllmd')
    .usage('$0 COMMAND\n\nMakes a Linux server with GPUs an inference host, from one TOML file.')
    .version(world.version)
    .help()
    .alias('help', 'h')
    .options(everywhereOptions)
    .group([...Object.keys(everywhereOptions), 'help', 'version'], 'Everywhere:')
    .strict()
    .check((args) => {
      ask(args);
      setVolume(volumeOf(args));
      return mustBeOnce(args, commands) && mustNameSomething(args, commands);
    })
    .demandCommand(1, 'a command is missing')
    .epilogue(
      `Versions of the config: ${configVersions.join(', ')}. \`vllmd COMMAND --help\` shows the options and an example. \`vllmd explain --rules\` lists all rules and exit codes.`,
    )
    .updateStrings({
      'Invalid values:': 'a value is not one of those that there are:',
      'Argument: %s, Given: %s, Choices: %s': '%s: got %s; known are %s',
    })
    .wrap(Math.min(HELP_COLUMNS, world.stdout.columns ?? HELP_COLUMNS))
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? usageFailure(message, words, commands);
    });
  try {
    void parser.parse([...words], {}, (_error, _parsed, output) => {
      if (output !== '') world.stdout.write(`${output}\n`);
    });
  } catch (error) {
    if (error === enough) return chosen();
    if (!(error instanceof Error && error.name === 'YError')) throw error;
    throw usageFailure(error.message, words, commands);
  }
  return chosen();
}

/** As the parser takes them. */
function wordsOf(argv: readonly string[], commands: readonly Entry[]): readonly string[] {
  const plain = withHelpWords(withoutDashes(argv, commands), commands);
  return withStdinByPath(withCommandFirst(plain, commands), commands);
}

/** Ends the parser once it knows the command: behind every handler it lays out the help, which nobody has asked for. */
const enough = new Error('the command is known');

/** As far as it can be told without the parser. */
function roughly(argv: readonly string[]): Readonly<Record<string, unknown>> {
  const end = argv.indexOf('--');
  const words = end === -1 ? argv : argv.slice(0, end);
  const watch = words.find((word) => /^(-w|--watch)(=|$)/.test(word));
  const names = words.filter((word) => !word.startsWith('-'));
  return { json: words.includes('--json'), watch, _: names };
}

/** Wider lines are hard to read. */
const HELP_COLUMNS = 100;

function volumeOf({ quiet, verbose }: Readonly<Record<string, unknown>>): Volume {
  if (quiet === true && verbose === true) {
    const message = '--quiet and --verbose are opposites';
    throw new VllmdError('usage', message, 'leave one of them out');
  }
  if (quiet === true) return 'quiet';
  return verbose === true ? 'verbose' : 'usual';
}

/** The parser makes a list of what is named twice, where the command takes one value. */
function mustBeOnce(args: Readonly<Record<string, unknown>>, commands: readonly Entry[]): true {
  const lists = severalValues(commands);
  const twice = Object.keys(args).find(
    (name) => name.length > 1 && Array.isArray(args[name]) && !lists.has(name),
  );
  if (twice === undefined) return true;
  throw new VllmdError('usage', `--${twice} is given more than once`, 'name it once');
}

function explain(failure: VllmdError, world: World): number {
  showFailure(failure, world);
  return exitCodes[failure.exit];
}

function explainBug(error: unknown, world: World): number {
  const { red, bold } = styleFor(world.stderr);
  const trace = visibleLines((error instanceof Error && error.stack) || String(error));
  world.stderr.write(
    `${red('error')}${bold(': this is a bug in vllmd')}; please report it with what follows\n${trace}\n`,
  );
  return exitCodes.unexpected;
}
