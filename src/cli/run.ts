import yargs, { type Argv } from 'yargs';
import { exitCodes, VllmdError } from '../core/failure.ts';
import type { World } from '../host/world.ts';
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
  const parser = commands(yargs(), does, world)
    .scriptName('vllmd')
    .usage('$0 COMMAND\n\nMakes a Linux server with GPUs an inference host, from one TOML file.')
    .version(world.version)
    .help()
    .alias('help', 'h')
    .strict()
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

type Does = (command: () => Promise<number>) => void;

function commands(parser: Argv, does: Does, world: World): Argv {
  return parser
    .command(
      ['validate [config]'],
      'Check a config and list everything that is wrong with it',
      (command) =>
        json(command)
          .positional('config', configOption)
          .example('$0 validate vllmd.toml', 'check this file'),
      (args) => does(() => import('./commands/validate.ts').then((m) => m.validate(args, world))),
    )
    .command(
      'schema',
      'Print the JSON Schema of the config',
      (command) =>
        command
          .option('schema-version', {
            type: 'string',
            requiresArg: true,
            describe: 'Of the config format; the newest when absent',
          })
          .example('$0 schema > schema.json', 'for an editor'),
      (args) => does(() => import('./commands/schema.ts').then((m) => m.printSchema(args, world))),
    )
    .command(
      ['migrate [config]'],
      'Rewrite a config to the newest schema version; comments and formatting stay',
      (command) =>
        json(command)
          .positional('config', configOption)
          .option('dry-run', { type: 'boolean', default: false, describe: dryRunText })
          .example('$0 migrate --dry-run vllmd.toml', 'show the difference'),
      (args) => does(() => import('./commands/migrate.ts').then((m) => m.migrate(args, world))),
    )
    .command(
      'render',
      'Write all files as they would lie on the host below a directory',
      (command) =>
        json(config(command))
          .option('out', {
            type: 'string',
            demandOption: true,
            describe: 'A new or empty directory',
            requiresArg: true,
          })
          .example('$0 render --config vllmd.toml --out tree', 'look at everything in ./tree'),
      (args) => does(() => import('./commands/render.ts').then((m) => m.render(args, world))),
    )
    .command(
      'install',
      'Make the host as the config says; print what changes',
      (command) =>
        json(config(command))
          .options(installOptions)
          .example('$0 install --dry-run', 'show the file diffs and the systemctl actions')
          .example('sudo $0 install', 'apply exactly that'),
      (args) => does(() => import('./commands/install.ts').then((m) => m.install(args, world))),
    )
    .command(
      'uninstall',
      'Stop the runtimes and remove what install wrote; disks stay',
      (command) =>
        json(command)
          .option('dry-run', { type: 'boolean', default: false, describe: dryRunText })
          .option('purge-data', {
            type: 'boolean',
            default: false,
            describe: 'Delete the disks of the runtimes as well',
          })
          .example('sudo $0 uninstall --dry-run', 'show what would go'),
      (args) => does(() => import('./commands/uninstall.ts').then((m) => m.uninstall(args, world))),
    )
    .command(
      'status',
      'Show the runtimes and what is not as it was installed',
      (command) => json(command).example('sudo $0 status', 'one line a runtime'),
      (args) => does(() => import('./commands/status.ts').then((m) => m.status(args, world))),
    )
    .command('disk', 'Look after the disks of the runtimes', (command) =>
      diskCommands(command, does, world),
    );
}

function diskCommands(parser: Argv, does: Does, world: World): Argv {
  return parser
    .command(
      'reset <index>',
      'Throw away the disk of a runtime and make a new one from its base image',
      (command) =>
        command
          .positional('index', { type: 'number', demandOption: true, describe: 'The runtime' })
          .option('yes', { type: 'boolean', default: false, describe: 'Do it' })
          .option('dry-run', { type: 'boolean', default: false, describe: dryRunText })
          .example('sudo $0 disk reset 1 --yes', 'a fresh guest for runtime 1'),
      (args) =>
        does(() => import('./commands/disk-reset.ts').then((m) => m.diskReset(args, world))),
    )
    .demandCommand(1, 'a disk command is missing: reset');
}

const dryRunText = 'Print what would happen and change nothing';
const configOption = {
  type: 'string',
  describe:
    'The config file; else $VLLMD_HYPERVISOR_CONFIG, /etc/vllmd/config.toml, ~/.config/vllmd',
} as const;

const installOptions = {
  'dry-run': { type: 'boolean', default: false, describe: dryRunText },
  root: {
    type: 'string',
    requiresArg: true,
    describe: 'Install into this tree instead of the running host; calls no systemctl',
  },
  start: {
    type: 'boolean',
    default: true,
    describe: 'Start and restart units; with --no-start what the config drops is still stopped',
  },
  'allow-empty': {
    type: 'boolean',
    default: false,
    describe: 'Accept a config without runtimes on a host that has some',
  },
  'retry-failed': {
    type: 'boolean',
    default: false,
    describe: 'Start units that failed although nothing about them changed',
  },
  'detailed-exitcode': {
    type: 'boolean',
    default: false,
    describe: 'With --dry-run: 2 changes are pending, 5 conflicts, 6 the host is not ready',
  },
} as const;

function config<Options>(command: Argv<Options>) {
  return command.option('config', { ...configOption, alias: 'c', requiresArg: true });
}

function json<Options>(command: Argv<Options>) {
  return command.option('json', {
    type: 'boolean',
    default: false,
    describe: 'Print JSON on stdout',
  });
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
