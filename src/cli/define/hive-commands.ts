import { fileTypes } from '../../core/hive/files/file-types.ts';
import { type CommandGroup, command } from './command.ts';
import { hiveAgent, hiveDrain } from './hive-agent-commands.ts';
import { hiveBench, hiveMatch } from './hive-client-commands.ts';
import { hiveExport } from './hive-export-command.ts';
import { hiveServe } from './hive-serve-command.ts';
import { jsonOption } from './options.ts';

const validate = command({
  name: 'validate',
  summary: 'Check documents of the service registry and list everything that is wrong with them',
  positionals: {
    document: {
      ...{ type: 'string', array: true, demandOption: true, takes: 'FILE' },
      describe: 'Files in YAML or JSON, - for standard input',
    },
  },
  options: {
    type: {
      choices: fileTypes,
      describe: 'What each file is, where it does not say so itself',
      requiresArg: true,
    },
    ...jsonOption,
  },
  details: [
    'A document says what it is by the key that it is below, such as `host:`, or by its own keys. Hosts with their services, services, assets, roles, request policies, samples and reports are checked, and so are `control.yaml`, a file with a list of roles, and what `vllmd hive agent` reads. Hosts, services and assets may be several in one file, with `---` between them.',
    'It looks at the files alone: no registry is asked. Keys of the registry are not shown.',
  ],
  exits: {
    ok: 'All of them are valid; there may be warnings.',
    config: 'At least one of them is not.',
    noConfig: 'A file is not there.',
  },
  examples: [
    ['$0 hive validate control.yaml roles.yaml', 'before the registry starts with them'],
    ['$0 hive validate --type host host.yaml', 'a document without its key'],
  ],
  run: (args, world) =>
    import('../commands/hive-validate.ts').then((m) =>
      m.hiveValidate({ files: args.document, type: args.type, json: args.json }, world),
    ),
});

/** The registry of inference services. */
export const hiveCommands: CommandGroup = {
  kind: 'group',
  name: 'hive',
  summary: 'Registry and router of inference services',
  commands: [validate, hiveExport, hiveServe, hiveAgent, hiveDrain, hiveMatch, hiveBench],
};
