import { command } from './command.ts';
import { installOptions } from './install-options.ts';
import {
  choiceOptions,
  configOption,
  dryRunOption,
  jsonOption,
  lockTimeoutOption,
  startOptions,
} from './options.ts';

const install = command({
  name: 'install',
  summary: 'Make the host as the config says; print what changes',
  options: { ...configOption, ...jsonOption, ...installOptions },
  examples: [
    ['$0 install --dry-run', 'show the file diffs and the systemctl actions'],
    ['sudo $0 install', 'apply exactly that'],
    ['sudo $0 install --confirm-within 10m', 'back again unless confirmed'],
  ],
  run: (args, world) => import('../commands/install.ts').then((m) => m.install(args, world)),
});

const uninstall = command({
  name: 'uninstall',
  summary: 'Stop the runtimes and remove what install wrote; disks stay',
  options: {
    ...jsonOption,
    ...lockTimeoutOption,
    'dry-run': dryRunOption,
    'overwrite-drift': choiceOptions['overwrite-drift'],
    'purge-data': {
      type: 'boolean',
      default: false,
      describe: 'Delete the disks of the runtimes as well',
    },
  },
  examples: [['sudo $0 uninstall --dry-run', 'show what would go']],
  run: (args, world) => import('../commands/uninstall.ts').then((m) => m.uninstall(args, world)),
});

const rollback = command({
  name: 'rollback',
  summary: 'Make the host as an earlier install left it',
  positionals: {
    generation: {
      type: 'string',
      takes: 'N',
      describe: 'As history lists them; the one before when absent, 0 is before the first',
    },
  },
  options: {
    ...jsonOption,
    ...startOptions,
    ...choiceOptions,
    ...lockTimeoutOption,
    'dry-run': dryRunOption,
    unconfirmed: { type: 'number', requiresArg: true, hidden: true },
  },
  examples: [
    ['sudo $0 rollback --dry-run', 'show what would change'],
    ['sudo $0 rollback 3', 'go back to generation 3'],
  ],
  run: (args, world) => import('../commands/rollback.ts').then((m) => m.rollback(args, world)),
});

const recover = command({
  name: 'recover',
  summary: 'Finish or undo an install that was cut off',
  options: {
    ...lockTimeoutOption,
    settle: startOptions.settle,
    boot: { type: 'boolean', default: false, hidden: true },
    'discard-journal': {
      type: 'boolean',
      default: false,
      describe: 'Put the journal of that install aside instead; install again afterwards',
    },
  },
  examples: [['sudo $0 recover', 'each runtime is on its old or its new generation then']],
  run: (args, world) => import('../commands/recover.ts').then((m) => m.recover(args, world)),
});

const confirm = command({
  name: 'confirm',
  summary: 'Keep what was installed with --confirm-within',
  options: lockTimeoutOption,
  examples: [['sudo $0 confirm', 'it stays from now on']],
  run: (args, world) => import('../commands/confirm.ts').then((m) => m.confirm(args, world)),
});

const diskReset = command({
  name: 'reset',
  summary: 'Throw away the disk of a runtime and make a new one from its base image',
  positionals: {
    index: { type: 'string', takes: 'N', demandOption: true, describe: 'The runtime' },
  },
  options: {
    ...lockTimeoutOption,
    yes: { type: 'boolean', default: false, describe: 'Do it' },
    'dry-run': dryRunOption,
  },
  examples: [['sudo $0 disk reset 1 --yes', 'a fresh guest for runtime 1']],
  run: (args, world) => import('../commands/disk-reset.ts').then((m) => m.diskReset(args, world)),
});

/** Commands that change the host. */
export const changeCommands = [install, uninstall, rollback, recover, confirm] as const;

export const diskCommands = {
  kind: 'group',
  name: 'disk',
  summary: 'Look after the disks of the runtimes',
  commands: [diskReset],
} as const;
