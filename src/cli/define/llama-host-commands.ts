import { llamaLayer } from '../../core/resolve/layer.ts';
import { inLayer } from '../../host/world.ts';
import { command } from './command.ts';
import { install, llamaStart } from './llama-install-command.ts';
import { llamaOption, userOption } from './llama-options.ts';
import { choiceOptions, dryRunOption, jsonOption, lockTimeoutOption } from './options.ts';

const uninstall = command({
  name: 'uninstall',
  summary: 'Stop the instances and remove what install wrote; models and logs stay',
  options: {
    ...jsonOption,
    ...lockTimeoutOption,
    'dry-run': dryRunOption,
    'overwrite-drift': choiceOptions['overwrite-drift'],
  },
  details: [
    'What instances have downloaded stays in `/var/lib/vllmd-llama`, and their logs where they are. The VMs of `vllmd install` are none of its business.',
  ],
  examples: [['sudo $0 llama uninstall --dry-run', 'show what would go']],
  run: (args, world) =>
    import('../commands/uninstall.ts').then((m) =>
      m.uninstall({ ...args, purgeData: false }, inLayer(world, llamaLayer)),
    ),
});

const rollback = command({
  name: 'rollback',
  summary: 'Make the instances as an earlier install left them',
  positionals: {
    generation: {
      type: 'string',
      takes: 'N',
      describe: 'As history lists them; the one before when absent, 0 is before the first',
    },
  },
  options: {
    ...jsonOption,
    ...llamaStart,
    ...choiceOptions,
    ...lockTimeoutOption,
    'dry-run': dryRunOption,
  },
  details: [
    'It is an install of an old generation, with a new number: a second one undoes the first. The config file and models stay as they are.',
  ],
  examples: [['sudo $0 llama rollback --dry-run', 'show what would change']],
  run: (args, world) =>
    import('../commands/rollback.ts').then((m) => m.rollback(args, inLayer(world, llamaLayer))),
});

const recover = command({
  name: 'recover',
  summary: 'Finish or undo an install of instances that was cut off',
  options: {
    ...lockTimeoutOption,
    settle: llamaStart.settle,
    boot: { type: 'boolean', default: false, hidden: true },
    'discard-journal': {
      type: 'boolean',
      default: false,
      describe: 'Put the journal of that install aside instead; install again afterwards',
    },
  },
  details: [
    'The next command of this group that changes the host does the same first, and at boot `vllmd-llama-recover.service` does. What cannot be finished is listed with its commands, and the exit code is 8.',
  ],
  examples: [['sudo $0 llama recover', 'each instance is on its old or its new generation then']],
  run: (args, world) =>
    import('../commands/recover.ts').then((m) => m.recover(args, inLayer(world, llamaLayer))),
});

const history = command({
  name: 'history',
  summary: 'List the installs of instances that can be gone back to',
  options: jsonOption,
  examples: [['sudo $0 llama history', 'with their configs and instances']],
  run: (args, world) =>
    import('../commands/history.ts').then((m) => m.history(args, inLayer(world, llamaLayer))),
});

const verify = command({
  name: 'verify',
  summary: 'Check that the instances are as they were installed',
  options: { ...llamaOption, ...jsonOption },
  details: [
    'It looks at files, links and units, and at what an install of the config would change. It reads the config of the last install, or that of `--config`.',
  ],
  exits: {
    ok: 'It is as installed.',
    unexpected: 'It could not look.',
    pending: 'It is not, with a line for each difference.',
    needsRoot: 'It could not look: root is required.',
  },
  examples: [['sudo $0 llama verify', 'for cron and monitoring']],
  run: (args, world) =>
    import('../commands/llama-verify.ts').then((m) => m.llamaVerify(args, world)),
});

const status = command({
  name: 'status',
  summary: 'Show the instances that are installed and how they run',
  options: jsonOption,
  details: [
    'A line an instance: its state, its process, how often systemd has started it again, and where its `/health` is.',
  ],
  examples: [['sudo $0 llama status', 'what runs, and where']],
  run: (args, world) =>
    import('../commands/llama-status.ts').then((m) => m.llamaStatus(args, world)),
});

const render = command({
  name: 'render',
  summary: 'Write units and environment files as they would lie on the host below a directory',
  options: {
    ...llamaOption,
    ...jsonOption,
    ...userOption,
    out: {
      type: 'string',
      takes: 'DIR',
      demandOption: true,
      requiresArg: true,
      describe: 'A new or empty directory',
    },
  },
  details: [
    'It touches nothing else. Files with secrets are readable for you alone; owners are not set.',
  ],
  exits: { config: 'The config is not valid; nothing is written.' },
  examples: [['$0 llama render --config llama.toml --out units', 'look at the files']],
  run: (args, world) =>
    import('../commands/llama-render.ts').then((m) => m.llamaRender(args, world)),
});

/** Instances as units of a host. */
export const llamaHostCommands = [
  install,
  uninstall,
  rollback,
  recover,
  history,
  verify,
  status,
  render,
] as const;
