import yargs from 'yargs';
import { exitCodes, VllmdError } from '../core/failure.ts';
import type { World } from '../host/world.ts';
import { configCommands } from './define/config-commands.ts';
import { hostCommands } from './define/host-commands.ts';
import { severalValues } from './define/install-options.ts';
import type { Does } from './define/options.ts';
import { styleFor } from './style-for.ts';

/** One command line to one exit code. Whatever goes wrong below ends here. */
export async function run(argv: readonly string[], world: World): Promise<number> {
  try {
    return await dispatch(argv, world);
  } catch (error) {
    return explain(error, world);
  }
}

async function dispatch(argv: readonly string[], world: World): Promise<number> {
  // The command runs after the parser has returned: for a handler that takes time it would lay out the help, unasked.
  let chosen = async (): Promise<number> => exitCodes.ok;
  const does: Does = (command) => {
    chosen = command;
  };
  const parser = hostCommands(configCommands(yargs(), does, world), does, world)
    .scriptName('vllmd')
    .usage('$0 COMMAND\n\nMakes a Linux server with GPUs an inference host, from one TOML file.')
    .version(world.version)
    .help()
    .alias('help', 'h')
    .strict()
    .check(mustBeOnce)
    .demandCommand(1, 'a command is missing')
    .recommendCommands()
    .wrap(100)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new VllmdError('usage', message, 'see `vllmd --help`');
    });
  void parser.parse([...argv], {}, (_error, _parsed, output) => {
    if (output !== '') world.stdout.write(`${output}\n`);
  });
  return chosen();
}

/** The parser makes a list of what is named twice, where the command takes one value. */
function mustBeOnce(args: Readonly<Record<string, unknown>>): true {
  const twice = Object.keys(args).find(
    (name) => name.length > 1 && Array.isArray(args[name]) && !severalValues.has(name),
  );
  if (twice === undefined) return true;
  throw new VllmdError('usage', `--${twice} is given more than once`, 'name it once');
}

function explain(error: unknown, world: World): number {
  const { red, bold } = styleFor(world.stderr);
  if (error instanceof VllmdError) {
    const hint = error.hint === undefined ? '' : `  help: ${error.hint}\n`;
    world.stderr.write(`${red('error')}${bold(`: ${error.message}`)}\n${hint}`);
    return exitCodes[error.exit];
  }
  if (error instanceof Error && error.name === 'YError') {
    world.stderr.write(
      `${red('error')}${bold(`: ${error.message}`)}\n  help: see \`vllmd --help\`\n`,
    );
    return exitCodes.usage;
  }
  const trace = error instanceof Error ? error.stack : String(error);
  world.stderr.write(
    `${red('error')}${bold(': this is a bug in vllmd')}; please report it with what follows\n${trace}\n`,
  );
  return exitCodes.unexpected;
}
