import type { Argv } from 'yargs';
import type { World } from '../../host/world.ts';
import { installOptions } from './install-options.ts';
import {
  choiceOptions,
  config,
  type Does,
  dryRunOption,
  json,
  lockTimeoutOption,
  startOptions,
} from './options.ts';

/** Commands that look at a host or change it. */
export function hostCommands(parser: Argv, does: Does, world: World): Argv {
  const withChanges = changeCommands(parser, does, world);
  return lookCommands(historyCommands(withChanges, does, world), does, world).command(
    'disk',
    'Look after the disks of the runtimes',
    (command) => diskCommands(command, does, world),
  );
}

function changeCommands(parser: Argv, does: Does, world: World): Argv {
  return parser
    .command(
      'install',
      'Make the host as the config says; print what changes',
      (command) =>
        json(config(command))
          .options(installOptions)
          .example('$0 install --dry-run', 'show the file diffs and the systemctl actions')
          .example('sudo $0 install', 'apply exactly that')
          .example('sudo $0 install --confirm-within 10m', 'back again unless confirmed'),
      (args) => does(() => import('../commands/install.ts').then((m) => m.install(args, world))),
    )
    .command(
      'uninstall',
      'Stop the runtimes and remove what install wrote; disks stay',
      (command) =>
        json(command)
          .options(lockTimeoutOption)
          .option('dry-run', dryRunOption)
          .option('overwrite-drift', choiceOptions['overwrite-drift'])
          .option('purge-data', {
            type: 'boolean',
            default: false,
            describe: 'Delete the disks of the runtimes as well',
          })
          .example('sudo $0 uninstall --dry-run', 'show what would go'),
      (args) =>
        does(() => import('../commands/uninstall.ts').then((m) => m.uninstall(args, world))),
    );
}

function historyCommands(parser: Argv, does: Does, world: World): Argv {
  return parser
    .command(
      ['rollback [generation]'],
      'Make the host as an earlier install left it',
      (command) =>
        json(command)
          .positional('generation', {
            type: 'string',
            describe: 'As history lists them; the one before when absent, 0 is before the first',
          })
          .options({ ...startOptions, ...choiceOptions, ...lockTimeoutOption })
          .option('dry-run', dryRunOption)
          .option('unconfirmed', { type: 'number', requiresArg: true, hidden: true })
          .example('sudo $0 rollback --dry-run', 'show what would change')
          .example('sudo $0 rollback 3', 'go back to generation 3'),
      (args) => does(() => import('../commands/rollback.ts').then((m) => m.rollback(args, world))),
    )
    .command(
      'history',
      'List the installs that can be gone back to',
      (command) => json(command).example('sudo $0 history', 'the last ten'),
      (args) => does(() => import('../commands/history.ts').then((m) => m.history(args, world))),
    )
    .command(
      'recover',
      'Finish or undo an install that was cut off',
      (command) =>
        command
          .options(lockTimeoutOption)
          .option('settle', startOptions.settle)
          .option('boot', { type: 'boolean', default: false, hidden: true })
          .option('discard-journal', {
            type: 'boolean',
            default: false,
            describe: 'Put the journal of that install aside instead; install again afterwards',
          })
          .example('sudo $0 recover', 'each runtime is on its old or its new generation then'),
      (args) => does(() => import('../commands/recover.ts').then((m) => m.recover(args, world))),
    )
    .command(
      'confirm',
      'Keep what was installed with --confirm-within',
      (command) =>
        command.options(lockTimeoutOption).example('sudo $0 confirm', 'it stays from now on'),
      (args) => does(() => import('../commands/confirm.ts').then((m) => m.confirm(args, world))),
    );
}

function lookCommands(parser: Argv, does: Does, world: World): Argv {
  return parser
    .command(
      'status',
      'Show the runtimes and what is not as it was installed',
      (command) => json(command).example('sudo $0 status', 'one line a runtime'),
      (args) => does(() => import('../commands/status.ts').then((m) => m.status(args, world))),
    )
    .command(
      'verify',
      'Say whether the host is as it was installed: exit code 2 where it is not',
      (command) =>
        json(command)
          .option('config', {
            type: 'string',
            alias: 'c',
            requiresArg: true,
            describe: 'The config to compare with; else that of the last install',
          })
          .example('sudo $0 verify', 'for cron and monitoring'),
      (args) => does(() => import('../commands/verify.ts').then((m) => m.verify(args, world))),
    );
}

function diskCommands(parser: Argv, does: Does, world: World): Argv {
  return parser
    .command(
      'reset <index>',
      'Throw away the disk of a runtime and make a new one from its base image',
      (command) =>
        command
          .positional('index', { type: 'string', demandOption: true, describe: 'The runtime' })
          .options(lockTimeoutOption)
          .option('yes', { type: 'boolean', default: false, describe: 'Do it' })
          .option('dry-run', dryRunOption)
          .example('sudo $0 disk reset 1 --yes', 'a fresh guest for runtime 1'),
      (args) =>
        does(() => import('../commands/disk-reset.ts').then((m) => m.diskReset(args, world))),
    )
    .demandCommand(1, 'a disk command is missing: reset');
}
