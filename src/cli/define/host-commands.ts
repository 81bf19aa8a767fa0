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
  exits: { ok: 'It is shown, whatever is wrong; `vllmd verify` is for monitors.' },
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
    'It changes nothing and takes no lock. A runtime that you stopped is no difference: ask systemd whether VMs run.',
  ],
  exits: {
    ok: 'The host is as it was installed.',
    unexpected: 'It could not look.',
    pending: 'It is not, with a line for each difference.',
    needsRoot: 'It could not look: root is required.',
  },
  examples: [['sudo $0 verify', 'for cron and monitoring']],
  run: (args, world) => import('../commands/verify.ts').then((m) => m.verify(args, world)),
});

const precheck = command({
  name: 'precheck',
  summary: 'Say whether this host is ready, and what to do where it is not',
  options: { ...configOption, ...jsonOption, ...factsOption },
  details: [
    'It looks at CPU, IOMMU, GPUs, memory, kernel, software, storage, network and limits, and changes nothing. Everything that an install would refuse is among it. With a config it holds the host against that file, its GPUs and its sizes; without one it looks at every GPU, and what speaks against one of them is a WARN: only where no GPU is left something fails. Without root it says what only root can see.',
    'A line is PASS; INFO, which is worth knowing and no fault; WARN, where VMs run and not as they should; RISK, where a guest could learn something of the host or of another one; or FAIL, where an install would be refused or a VM would not run. What to type is below it, and `vllmd explain` has a page about each.',
    'Each subsystem has a score from 0 to 100, and the whole has that of the worst: a FAIL takes 60, a RISK 20, a WARN 10, once for each kind of problem. The last line is READY where nothing fails, else NOT-READY.',
  ],
  exits: { ok: 'READY: nothing fails.', preflight: 'NOT-READY: something fails.' },
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
  exits: { conflict: 'The file of --svg is there already.' },
  examples: [
    ['$0 topology', 'what hangs on what, and which runtime has it'],
    ['$0 topology --svg host.svg', 'as a picture too'],
  ],
  run: (args, world) => import('../commands/topology.ts').then((m) => m.topology(args, world)),
});

const facts = command({
  name: 'facts',
  summary: 'Record this host for a bug report; it holds no keys, but names of accounts and paths',
  options: configOption,
  details: [
    'In it are PCI devices with their drivers, CPUs, memory and NUMA nodes, the version, modules and known parameters of the kernel, the id of the distribution, versions of programs, the states of the units of vllmd, mount points, names of network interfaces, subnets that are routed to, the process that has a GPU open, paths of the config, the record of the last install without digests of what is secret, and name, number, group and home of root, of who calls it, of `vllm` and of the account of the config.',
    'Not in it are host name, machine id, serial numbers, UUIDs, MAC addresses, gateways, arguments and environments of processes, other accounts, where remote file systems are mounted, unless the config needs them, and any text of a file that is not named above. One line an answer: look through it before you send it.',
  ],
  examples: [
    ['sudo $0 facts > facts.json', 'one line an answer: look through it before you send it'],
    ['$0 install --dry-run --facts facts.json', 'what an install would do on that host'],
  ],
  run: (args, world) => import('../commands/facts.ts').then((m) => m.facts(args, world)),
});

/** Commands that look at a host and change nothing. */
export const hostCommands = [precheck, status, verify, topology, history, facts] as const;
