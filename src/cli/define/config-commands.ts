import { configVersions } from '../../core/config/config-input.gen.ts';
import { command } from './command.ts';
import { oneConfig } from './one-config.ts';
import {
  configOption,
  configPositional,
  dryRunOption,
  factsOption,
  jsonOption,
  rewrittenOption,
  rewrittenPositional,
} from './options.ts';

const init = command({
  name: 'init',
  summary: 'Look at the host and write a first config for it; asks on a terminal',
  options: {
    ...jsonOption,
    ...factsOption,
    output: {
      type: 'string',
      alias: 'o',
      takes: 'FILE',
      requiresArg: true,
      describe:
        'The file, - for stdout; else /etc/vllmd/config.toml for root, ~/.config/vllmd/config.toml',
    },
    user: {
      type: 'string',
      takes: 'NAME',
      requiresArg: true,
      describe: 'Account that the VMs run as',
    },
    'without-gpus': {
      type: 'boolean',
      default: false,
      describe: 'Propose one runtime without GPUs where no GPU can be passed on',
    },
    yes: { type: 'boolean', default: false, describe: 'Ask nothing: write what is proposed' },
    force: {
      type: 'boolean',
      default: false,
      describe: 'Replace a file that is there; a copy is kept',
    },
  },
  details: [
    'Each GPU that an install would pass on gets a runtime, and those of one IOMMU group one together. The cores and the memory of a NUMA node are divided equally among its GPUs; a sixteenth of the cores and a twentieth of the memory, at least 4 GiB, stay with the host. What cannot be passed on is in the file as comments, with the reason.',
    'Where no GPU can be passed on, nothing is written. A file that is there is replaced with --force only. Without a terminal --yes is needed. With --facts, --output is needed.',
  ],
  exits: {
    conflict: 'The file is there already.',
    preflight: 'No GPU can be passed on.',
  },
  examples: [
    ['sudo $0 init', 'question by question'],
    ['$0 init --output -', 'only look at what would be written'],
    ['sudo $0 init --yes', 'for scripts'],
    ['$0 init --facts facts.json --yes --output new.toml', 'for a recorded host'],
  ],
  run: (args, world) => import('../commands/init.ts').then((m) => m.init(args, world)),
});

const validate = command({
  name: 'validate',
  summary: 'Check a config and list everything that is wrong with it',
  positionals: configPositional,
  options: { ...configOption, ...jsonOption },
  details: [
    'Every mistake is shown at once, each at its line. It looks at the file alone: what the host lacks, `vllmd install --dry-run` says.',
  ],
  exits: { ok: 'It is valid; there may be warnings.', config: 'It is not.' },
  examples: [
    ['$0 validate vllmd.toml', 'check this file'],
    ['$0 validate --lenient vllmd.toml', 'keys that it does not know are ignored'],
  ],
  run: (args, world) =>
    import('../commands/validate.ts').then((m) =>
      m.validate({ ...args, config: oneConfig(args) }, world),
    ),
});

const schema = command({
  name: 'schema',
  summary: 'Print the JSON Schema of the config',
  options: {
    'schema-version': {
      type: 'string',
      takes: 'N',
      words: configVersions.map(String),
      requiresArg: true,
      describe: `Of the config: ${configVersions.join(' or ')}; the newest when absent`,
    },
  },
  details: ['Editors complete and check keys by it.'],
  examples: [
    [
      '$0 schema > schema.json',
      'for an editor, whose file then begins with #:schema ./schema.json',
    ],
    ['$0 schema --schema-version 1', 'for a file without schema_version'],
  ],
  run: (args, world) => import('../commands/schema.ts').then((m) => m.printSchema(args, world)),
});

const migrate = command({
  name: 'migrate',
  summary: 'Rewrite a config to the newest schema version; comments and formatting stay',
  positionals: rewrittenPositional,
  options: { ...rewrittenOption, ...jsonOption, 'dry-run': dryRunOption },
  details: [
    'The file means what it meant. It is replaced as a whole, with its mode and owner; one that is of the newest version already is left alone.',
  ],
  exits: { config: 'The config is not valid.', conflict: 'The config is a link.' },
  examples: [['$0 migrate --dry-run vllmd.toml', 'show the difference']],
  run: (args, world) =>
    import('../commands/migrate.ts').then((m) =>
      m.migrate({ ...args, config: oneConfig(args) }, world),
    ),
});

const render = command({
  name: 'render',
  summary: 'Write all files as they would lie on the host below a directory',
  options: {
    ...configOption,
    ...jsonOption,
    ...factsOption,
    out: {
      type: 'string',
      takes: 'DIR',
      demandOption: true,
      describe: 'A new or empty directory',
      requiresArg: true,
    },
  },
  details: [
    'Units, environment files, scripts and VM definitions lie below the directory as they would below /; nothing is installed. What they say of a host (NUMA nodes, GPUs, the version of cloud-hypervisor, the home of the account) is read on this one, or with `--facts` on the one that was recorded.',
  ],
  exits: {
    config: 'The config is not valid.',
    preflight: 'User data or a llama.cpp config that it names cannot be used.',
  },
  examples: [['$0 render --config vllmd.toml --out tree', 'look at everything in ./tree']],
  run: (args, world) => import('../commands/render.ts').then((m) => m.render(args, world)),
});

const explain = command({
  name: 'explain',
  summary: 'Say why a rule is there, what made a line of a file, and which lines a key reaches',
  positionals: {
    subject: {
      type: 'string',
      takes: 'SUBJECT',
      describe: 'A rule, PATH or PATH:LINE of a file of vllmd, a unit, or a key of the config',
    },
  },
  options: {
    ...configOption,
    ...factsOption,
    ...jsonOption,
    rules: { type: 'boolean', default: false, describe: 'List all rules' },
  },
  examples: [
    ['$0 explain gpu-assigned-once', 'the long form of a message, with an example'],
    ['$0 explain /etc/vllmd/network.env:4', 'where this line comes from'],
    ['$0 explain vllmd-runtime@1.service', 'every line of its unit and drop-ins'],
    ["$0 explain 'runtimes[0].memory_gb'", 'every line that this key reaches'],
  ],
  details: [
    'A rule is what stands in brackets in a message. Its page needs neither a config nor a host; `--rules` lists all.',
    'A file is named by its path on the host, by the end of that path, or by its path below a directory that `vllmd render` has written. A unit means its fragment and its drop-ins. A key is `network.mode`, `runtimes[0].cpus`, `runtimes[name=web].cpus`, `runtimes.cpus` for all runtimes, or a JSON pointer; a table means all of its keys.',
    'What a line depends on is found by trying: each value of the config and each fact of the host is changed alone, and all files are made again. It is about what an install would write, and says so where the file on the host is another one.',
  ],
  exits: { notFound: 'There is no such rule, file, line, unit or key.' },
  run: (args, world) =>
    import('../commands/explain-subject.ts').then((m) => m.explainSubject(args, world)),
});

/** Commands about a config file alone. */
export const configCommands = [init, validate, schema, migrate, render, explain] as const;
