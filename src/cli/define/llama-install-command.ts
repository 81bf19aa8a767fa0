import { command } from './command.ts';
import { installOptions } from './install-options.ts';
import { llamaOption, userOption } from './llama-options.ts';
import {
  choiceOptions,
  dryRunOption,
  jsonOption,
  lockTimeoutOption,
  startOptions,
} from './options.ts';

/** How instances are started. */
export const llamaStart = {
  ...startOptions,
  restart: {
    ...startOptions.restart,
    describe: 'Restart instances that changed; with --no-restart they wait for it',
    negated: 'Let instances that changed run on with their old definition; they wait for a restart',
  },
  'all-or-nothing': {
    ...startOptions['all-or-nothing'],
    describe: 'Take all instances back when one does not start',
  },
  settle: {
    ...startOptions.settle,
    describe: 'How long a started instance must stay up before the next one: 30, 30s, 1m',
  },
} as const;

export const install = command({
  name: 'install',
  summary: 'Make units of the instances and start them; print what changes',
  options: {
    ...llamaOption,
    ...jsonOption,
    ...userOption,
    'dry-run': dryRunOption,
    root: installOptions.root,
    ...llamaStart,
    only: {
      type: 'array',
      string: true,
      takes: 'NAME',
      requiresArg: true,
      describe: 'Change only this instance, and those that must change with it',
    },
    ...choiceOptions,
    'allow-empty': {
      type: 'boolean',
      default: false,
      describe: 'Accept a config without instances on a host that has some',
    },
    ...lockTimeoutOption,
    'detailed-exitcode': installOptions['detailed-exitcode'],
  },
  details: [
    'Each instance becomes `vllmd-llama@NAME.service`, with a record apart from that of the VMs in `/var/lib/vllmd/llama`. It is an install as `vllmd install` is: it prints the plan and carries out exactly that, restarts only what changed, and an instance that does not come up goes back to what it was (4).',
    'A start has succeeded when `/health` answers with 200, so an instance needs a port. While a model loads, its log and `journalctl -u vllmd-llama@NAME` say how far it is.',
    'Without `--user` systemd makes up an account that owns nothing but the state and the logs of the instances: it reads models that everybody may read. Models in a home that is closed to others need an account that may look into it. An API key or a token of the file goes into a file that only root can read, never onto a command line.',
  ],
  exits: {
    ok: 'It is done, or there was nothing to do; or the plan of a dry run could be made, also one that would be refused.',
    pending: 'With `--dry-run --detailed-exitcode`: changes are pending.',
    restartPending:
      'With `--detailed-exitcode`: done, and a restart or what `--only` left out is pending.',
  },
  examples: [
    ['$0 llama install --config llama.toml --dry-run', 'show the units and what is started'],
    ['sudo $0 llama install --config llama.toml', 'apply exactly that'],
  ],
  run: (args, world) =>
    import('../commands/llama-install.ts').then((m) => m.llamaInstall(args, world)),
});
