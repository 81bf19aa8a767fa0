import { command } from './command.ts';
import { configOption, factsOption, jsonOption, modeOptions } from './options.ts';

const history = command({
  name: 'history',
  summary: 'List the installs that can be gone back to',
  options: jsonOption,
  details: [
    'One line a generation: number, time, the runtimes that changed, and the start of the sha256sum of its config. The last ten are kept; `vllmd rollback` takes a number.',
  ],
  examples: [['sudo $0 history', 'the last ten']],
  run: (args, world) => import('../commands/history.ts').then((m) => m.history(args, world)),
});

const status = command({
  name: 'status',
  summary: 'Show the runtimes and what is not as it was installed',
  options: {
    ...jsonOption,
    watch: {
      type: 'string',
      takes: 'TIME',
      alias: 'w',
      describe: 'Look again every 2 seconds, or every TIME; q and Ctrl-C end it',
    },
  },
  details: [
    'What is said above the table comes first: an install that was cut off or waits for `vllmd confirm`. Then one row a runtime, and what to type about what is not as it was installed: edited files, pending restarts, failures.',
    'It changes nothing and does not wait for the lock.',
    'q and Ctrl-C end a watch with exit code 0, as the end of its terminal or of what it is piped to does; SIGTERM with 143.',
  ],
  examples: [
    ['sudo $0 status', 'one row a runtime, and what to type'],
    ['sudo $0 status --watch 10s', 'keep it in sight'],
    ['sudo $0 status --watch --json', 'a line of JSON at each change'],
  ],
  run: (args, world) => import('../commands/status.ts').then((m) => m.status(args, world)),
});

const verify = command({
  name: 'verify',
  summary: 'Say whether the host is as it was installed: exit code 2 where it is not',
  options: {
    ...jsonOption,
    config: {
      type: 'string',
      takes: 'FILE',
      alias: 'c',
      requiresArg: true,
      describe: 'The config to compare with; else that of the last install',
    },
    ...modeOptions,
  },
  details: [
    'It changes nothing and takes no lock. 0: as installed. 2: it is not, with a line for each difference. 1 or 77: it could not look. A runtime that you stopped is no difference: ask systemd whether VMs run.',
  ],
  examples: [['sudo $0 verify', 'for cron and monitoring']],
  run: (args, world) => import('../commands/verify.ts').then((m) => m.verify(args, world)),
});

const precheck = command({
  name: 'precheck',
  summary: 'Say whether this host is ready, and what to do where it is not: exit code 6',
  options: { ...configOption, ...jsonOption, ...factsOption },
  examples: [
    ['sudo $0 precheck', 'the host, and the config where there is one'],
    ['$0 precheck --facts facts.json', 'a host that was recorded with `vllmd facts`'],
  ],
  run: (args, world) => import('../commands/precheck.ts').then((m) => m.precheck(args, world)),
});

const topology = command({
  name: 'topology',
  summary: 'Draw sockets, NUMA nodes, root ports, IOMMU groups and GPUs as a tree',
  options: {
    ...configOption,
    ...jsonOption,
    ...factsOption,
    svg: {
      type: 'string',
      takes: 'FILE',
      requiresArg: true,
      describe: 'Draw it as a picture too, in this file; - for the picture alone, on stdout',
    },
    force: {
      type: 'boolean',
      default: false,
      describe: 'Replace the file of --svg; a copy is kept',
    },
    all: { type: 'boolean', default: false, describe: 'Show every device' },
    ascii: {
      type: 'boolean',
      default: false,
      describe: 'Draw with ASCII; the default where the locale is not UTF-8',
    },
  },
  details: [
    'It needs no root. A bridge on a root bus is a root port; what is behind it follows from bus numbers. Runtimes are those of a config, where one is found. `!` marks an IOMMU group that holds a GPU and something else that is no function of its card: a group goes to one VM as a whole.',
    'Names come from the package pci.ids (Debian) or hwdata (Fedora).',
  ],
  examples: [
    ['$0 topology', 'what hangs on what, and which runtime has it'],
    ['$0 topology --svg host.svg', 'as a picture too'],
  ],
  run: (args, world) => import('../commands/topology.ts').then((m) => m.topology(args, world)),
});

const facts = command({
  name: 'facts',
  summary: 'Record this host for a bug report, without names, keys or contents of files',
  options: configOption,
  examples: [
    ['sudo $0 facts > facts.json', 'one line an answer: look through it before you send it'],
    ['$0 install --dry-run --facts facts.json', 'what an install would do on that host'],
  ],
  run: (args, world) => import('../commands/facts.ts').then((m) => m.facts(args, world)),
});

/** Commands that look at a host and change nothing. */
export const hostCommands = [precheck, status, verify, topology, history, facts] as const;
