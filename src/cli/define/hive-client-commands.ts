import { workloadNames } from '../../core/hive/benchmark/workloads.ts';
import { kinds } from '../../core/hive/documents.ts';
import { command } from './command.ts';
import { jsonOption } from './options.ts';

/** Of every command that asks a registry. */
export const registryUrl = {
  url: {
    type: 'string',
    requiresArg: true,
    takes: 'ADDRESS',
    describe: 'Where the registry is; else $VLLMD_HIVE_URL, http://127.0.0.1:8800',
  },
} as const;

const registryOptions = {
  ...registryUrl,
  'key-file': {
    type: 'string',
    requiresArg: true,
    takes: 'FILE',
    describe: 'A file with a key of a client and nothing else; else the key in $VLLMD_HIVE_KEY',
  },
} as const;

const registryExits = {
  runtime: 'The registry cannot be reached, or does not take the key.',
  noConfig: 'A file is not there.',
} as const;

const several = { type: 'array', string: true, requiresArg: true, takes: 'WORD' } as const;

export const hiveMatch = command({
  name: 'match',
  summary: 'Ask the registry which roles and services fit a task best',
  options: {
    task: { ...several, demandOption: true, describe: 'What is to be done, in words' },
    workload: { ...several, describe: 'Workloads whose measurements count' },
    kind: { choices: kinds, requiresArg: true, describe: 'What the service is asked for' },
    modality: {
      ...{ type: 'string', requiresArg: true, takes: 'WORD' },
      describe: 'Roles of this modality only, such as text',
    },
    limit: {
      ...{ type: 'string', requiresArg: true, takes: 'N' },
      describe: 'How many there may be; 10 unless it is given',
    },
    direct: {
      ...{ type: 'boolean', default: true },
      describe: 'Services by themselves too; with --no-direct roles only',
      negated: 'Roles only, no services by themselves',
    },
    ...registryOptions,
    ...jsonOption,
  },
  details: [
    'The best one comes first. Each has the service that a request would go to, and the first reasons for its score; `--json` has all of them.',
  ],
  exits: {
    ...registryExits,
    notFound: 'Nothing fits.',
    config: 'The registry refuses the request, or what should be a key is none.',
  },
  examples: [
    ["$0 hive match --task 'answer support questions' --kind chat", 'what fits best'],
    ['$0 hive match --task summarize --no-direct --json', 'the same of roles, for a program'],
  ],
  run: ({ task, workload = [], keyFile, ...args }, world) =>
    import('../commands/hive-match.ts').then((m) =>
      m.hiveMatch({ ...args, tasks: task, workloads: workload, keyFile }, world),
    ),
});

const isFile = { requiresArg: true, takes: 'FILE' } as const;

export const hiveBench = command({
  name: 'bench',
  summary: 'Measure what serves a model, convert a report of it, or store it in the registry',
  positionals: {
    action: {
      choices: ['convert', 'ingest', 'run'],
      demandOption: true,
      describe: 'Print what the registry takes, send it there, or make requests for a report',
    },
    subject: {
      ...{ type: 'string', demandOption: true, takes: 'FILE' },
      describe:
        'A report in YAML or JSON, or one that is converted already, - for standard input; of run a role, a model or a service',
    },
  },
  options: {
    workload: {
      ...{ type: 'array', string: true, requiresArg: true, choices: workloadNames },
      describe: 'Of run: what is asked, all of it unless one is given',
    },
    repeat: {
      ...{ type: 'string', requiresArg: true, takes: 'N' },
      describe: 'Of run: how often; once unless it is given',
    },
    output: {
      ...{ type: 'string', ...isFile },
      describe: 'Of run: write the report there instead of printing it',
    },
    force: {
      ...{ type: 'boolean', default: false },
      describe: 'Of run: replace the file of --output, keeping a copy',
    },
    ingest: {
      ...{ type: 'boolean', default: false },
      describe: 'Of run: store the report in the registry, too',
    },
    ...registryOptions,
    ...jsonOption,
  },
  details: [
    '`convert` asks no registry. Samples get the time and the source of their report, and each an id; the same file gives the same ids, so that what is stored twice is there once.',
    '`ingest` takes the same files. Where the registry has `benchmark_api_keys` the key must be one of these.',
    '`run` sends real requests through the registry, one after the other, and prints a report of what came of them. It is about the services that have answered, also where a role was asked for; `--json` prints it as JSON. A request that fails counts, and why is said on standard error. Where all of them fail there is no report.',
  ],
  exits: {
    ...registryExits,
    runtime:
      'The registry cannot be reached, or does not take the key; nothing can serve the model now, or every request has failed.',
    notFound: 'Nobody knows the model.',
    conflict: 'The file of --output is there already.',
    config: 'The report is not valid, the registry refuses it, or what should be a key is none.',
  },
  examples: [
    ['$0 hive bench run mentor --output measured.yaml', 'measure what serves a role'],
    ['$0 hive bench convert report.yaml', 'what would be sent'],
    ['$0 hive bench ingest report.yaml', 'store it'],
  ],
  run: ({ action, subject, workload, repeat, output, force, ingest, ...rest }, world) => {
    const { url, keyFile, json } = rest;
    const common = { url, keyFile, json };
    const ofRun = { workload, repeat, output, force, ingest };
    return action === 'run'
      ? import('../commands/hive-bench-run.ts').then((m) =>
          m.hiveBenchRun({ model: subject, ...ofRun, ...common }, world),
        )
      : import('../commands/hive-bench.ts').then((m) =>
          m.hiveBench({ action, file: subject, ofRun, ...common }, world),
        );
  },
});
