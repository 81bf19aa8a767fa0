import type { Argv } from 'yargs';
import type { World } from '../../host/world.ts';
import { config, configOption, type Does, dryRunOption, json } from './options.ts';

/** Commands about a config file alone. */
export function configCommands(parser: Argv, does: Does, world: World): Argv {
  return parser
    .command(
      ['validate [config]'],
      'Check a config and list everything that is wrong with it',
      (command) =>
        json(command)
          .positional('config', configOption)
          .example('$0 validate vllmd.toml', 'check this file'),
      (args) => does(() => import('../commands/validate.ts').then((m) => m.validate(args, world))),
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
      (args) => does(() => import('../commands/schema.ts').then((m) => m.printSchema(args, world))),
    )
    .command(
      ['migrate [config]'],
      'Rewrite a config to the newest schema version; comments and formatting stay',
      (command) =>
        json(command)
          .positional('config', configOption)
          .option('dry-run', dryRunOption)
          .example('$0 migrate --dry-run vllmd.toml', 'show the difference'),
      (args) => does(() => import('../commands/migrate.ts').then((m) => m.migrate(args, world))),
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
      (args) => does(() => import('../commands/render.ts').then((m) => m.render(args, world))),
    );
}
