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
  details: [
    'It prints the plan, every file as a unified diff and every systemctl action in order, and then carries out exactly that. Only what changed is restarted, and nothing is asked: look at `vllmd install --dry-run` first.',
    'An install is a transaction. A runtime that does not start or stay up goes back to what it was, with those that had to change together with it; the others go on, and the exit code is 4. Whatever ends an install, the next command that changes the host finishes it or takes it back.',
    'A file that vllmd did not write, or that was edited since, ends it before the first change (5), with the flags that decide what becomes of it. What the host lacks does too (6).',
  ],
  exits: {
    ok: 'It is done, or there was nothing to do; or the plan of a dry run could be made, also one that would be refused.',
    pending: 'With `--dry-run --detailed-exitcode`: changes are pending.',
    restartPending:
      'With `--detailed-exitcode`: done, and a restart, a reboot or what `--only` left out is pending.',
  },
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
  details: [
    'It is a transaction as an install is: what cannot be removed leaves everything as it was. A file that you edited is a conflict (5) until `--overwrite-drift` names it. Files that `--adopt` took the place of come back.',
    'The disks of the runtimes stay, and with them the record that knows them; a later install uses them again. While a runtime has `prevent_removal` it is refused (6).',
  ],
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
  details: [
    'It is an install of an old generation: the same transaction, the same exit codes, and a new number. So a second one undoes the first. The config file stays as it is.',
    'Without a number it goes to the generation before. The host before the first install is asked for by name, with 0. What a guest wrote, a disk that has grown and cloud-init data that was read do not go back.',
  ],
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
  details: [
    'There is seldom a need to: the next command that changes the host does the same first, and at boot `vllmd-recover.service` does. It says what has become of each runtime.',
    'What cannot be finished is listed with its commands, and the exit code is 8.',
  ],
  examples: [['sudo $0 recover', 'each runtime is on its old or its new generation then']],
  run: (args, world) => import('../commands/recover.ts').then((m) => m.recover(args, world)),
});

const confirm = command({
  name: 'confirm',
  summary: 'Keep what was installed with --confirm-within',
  options: lockTimeoutOption,
  details: [
    'Until then `vllmd status` says that the install waits, other installs are refused (5), and a reboot takes it back before any VM starts.',
  ],
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
  details: [
    'It stops the runtime, deletes its disk and starts it on a fresh copy of its base image, whose cloud-init reads its data anew. Everything that the guest wrote is lost. It prints these steps, and does them with `--yes` only.',
  ],
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
