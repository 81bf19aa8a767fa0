import type { Section } from '../../core/fleet/shape.ts';
import { type Command, command } from './command.ts';
import {
  backendEntryOptions,
  fromVllmdOptions,
  hostEntryOptions,
  modelEntryOptions,
} from './fleet-entry-options.ts';
import { savedFleetOption } from './fleet-options.ts';
import { jsonOption } from './options.ts';

const saved =
  'The file is checked as a whole before it is saved, and replaced at once: with mode 0600, two blanks of indentation, entries and keys in their order, and with keys of the top level that nobody knows. A link stays one, and what it leads to is replaced. Where the file has changed since it was read, nothing is written. Values are not shown, so that no secret is.';

const exits = {
  config: 'The file would not be valid, or is none now; it stays as it is.',
  conflict: 'Somebody else has changed the file meanwhile; it stays as it is.',
  locked: 'Another program holds a lock on the directory of the file; it stays as it is.',
} as const;

const idOption = {
  id: { type: 'string', takes: 'NAME', requiresArg: true, describe: 'Its id' },
} as const;

const idPositional = {
  id: { type: 'string', demandOption: true, describe: 'Its id' },
} as const;

const addDetails = [
  'Without options for them, entries are enabled, their name is their ID, and hosts and backends may be `any`. A host with `--host` is reached by ssh. The path of an ssh key and the password come in the JSON of `--json-from`, never by an option: command lines can be seen by every account.',
  saved,
];

const fromVllmd =
  'With `--from-vllmd` the entries are those of a host whose units vllmd has installed: one model for each virtual machine of the config, or for each instance of a llama.cpp file, started by `systemctl start` of its unit, and one `stop_cmd` that stops all of them. So a selection switches units; one that runs already is not known to the first selection, and is stopped by hand before. An instance is probed at its `/health`, what has no known address by `systemctl is-active`. Where two hosts have an instance of one name, `--model-prefix` gives the models of one of them other IDs. The configs are checked first.';

const editDetails = [
  'Options and the JSON of `--json-from` change the keys that they name, `null` in the JSON removes one, and a list is replaced as a whole. Without any of them the entry is opened in `$VISUAL` or `$EDITOR`, else in vi, as a copy that its owner alone can read. Where what was written is not valid, that is said and the copy can be edited again; the file stays as it was until then.',
  saved,
];

const add: Readonly<Record<Section, Command>> = {
  hosts: command({
    name: 'add',
    summary: 'Add a host',
    options: {
      ...savedFleetOption,
      ...jsonOption,
      ...idOption,
      ...hostEntryOptions,
      ...fromVllmdOptions,
    },
    details: [...addDetails, fromVllmd],
    exits,
    examples: [
      [
        "$0 hosts add --id gpu1 --host 10.0.0.11 --user ops --check-cmd nvidia-smi --stop-cmd 'systemctl stop llama-server'",
        'from options',
      ],
      ['$0 hosts add --json-from gpu1.json', 'from JSON'],
      [
        '$0 hosts add --from-vllmd --config llama.toml --ssh ops@10.0.0.11 --sudo',
        'a host whose units vllmd has installed',
      ],
    ],
    run: (args, world) =>
      import('../commands/fleet-add-host.ts').then((m) => m.fleetAddHost(args, world)),
  }),
  backends: command({
    name: 'add',
    summary: 'Add a backend',
    options: { ...savedFleetOption, ...jsonOption, ...idOption, ...backendEntryOptions },
    details: addDetails,
    exits,
    examples: [
      [
        '$0 backends add --id cuda --type cuda --hosts workstation --verify-cmd nvidia-smi --arg=-ngl --arg=99',
        'from options',
      ],
    ],
    run: (args, world) =>
      import('../commands/fleet-add.ts').then((m) => m.fleetAdd('backends', args, world)),
  }),
  models: command({
    name: 'add',
    summary: 'Add a model',
    options: { ...savedFleetOption, ...jsonOption, ...idOption, ...modelEntryOptions },
    details: addDetails,
    exits,
    examples: [
      [
        "$0 models add --id qwen --source /models/qwen.gguf --port 8080 --start-cmd 'llama-server --model {source} --port {port}' --probe-cmd 'curl -sf http://127.0.0.1:{port}/health'",
        'from options',
      ],
    ],
    run: (args, world) =>
      import('../commands/fleet-add.ts').then((m) => m.fleetAdd('models', args, world)),
  }),
};

const edit: Readonly<Record<Section, Command>> = {
  hosts: command({
    name: 'edit',
    summary: 'Change a host, by options, by JSON or in an editor',
    positionals: idPositional,
    options: { ...savedFleetOption, ...jsonOption, ...hostEntryOptions },
    details: editDetails,
    exits,
    examples: [
      ['$0 hosts edit lab-ssh', 'in an editor'],
      ['$0 hosts edit lab-ssh --port 2222 --no-enabled', 'by options'],
    ],
    run: (args, world) =>
      import('../commands/fleet-edit.ts').then((m) => m.fleetEdit('hosts', args, world)),
  }),
  backends: command({
    name: 'edit',
    summary: 'Change a backend, by options, by JSON or in an editor',
    positionals: idPositional,
    options: { ...savedFleetOption, ...jsonOption, ...backendEntryOptions },
    details: editDetails,
    exits,
    examples: [['$0 backends edit rocm --json-from change.json', 'by a file with what changes']],
    run: (args, world) =>
      import('../commands/fleet-edit.ts').then((m) => m.fleetEdit('backends', args, world)),
  }),
  models: command({
    name: 'edit',
    summary: 'Change a model, by options, by JSON or in an editor',
    positionals: idPositional,
    options: { ...savedFleetOption, ...jsonOption, ...modelEntryOptions },
    details: editDetails,
    exits,
    examples: [['$0 models edit qwen-local --port 8081', 'by options']],
    run: (args, world) =>
      import('../commands/fleet-edit.ts').then((m) => m.fleetEdit('models', args, world)),
  }),
};

function remove(section: Section, one: string, example: string): Command {
  return command({
    name: 'remove',
    summary: `Remove a ${one} that nothing else in the file names`,
    positionals: idPositional,
    options: {
      ...savedFleetOption,
      ...jsonOption,
      yes: { type: 'boolean', alias: 'y', default: false, describe: 'Do not ask' },
    },
    details: [saved],
    exits: { ...exits, ok: 'It is removed, or the answer was no.' },
    examples: [[`$0 ${section} remove ${example} --yes`, 'without a question']],
    run: (args, world) =>
      import('../commands/fleet-remove.ts').then((m) => m.fleetRemove(section, args, world)),
  });
}

/** What changes runtimes.json, for one of its lists. */
export const fleetChangeCommands: Readonly<Record<Section, readonly Command[]>> = {
  hosts: [add.hosts, edit.hosts, remove('hosts', 'host', 'gpu1')],
  backends: [add.backends, edit.backends, remove('backends', 'backend', 'cuda')],
  models: [add.models, edit.models, remove('models', 'model', 'qwen-remote')],
};
