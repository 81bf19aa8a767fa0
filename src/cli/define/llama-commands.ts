import { command } from './command.ts';
import { llamaHostCommands } from './llama-host-commands.ts';
import { llamaOption, llamaPositional } from './llama-options.ts';
import { llamaRun } from './llama-run-command.ts';
import { oneConfig } from './one-config.ts';
import { jsonOption } from './options.ts';

const validate = command({
  name: 'validate',
  summary: 'Check a llama.cpp config and list everything that is wrong with it',
  positionals: llamaPositional,
  options: { ...llamaOption, ...jsonOption },
  details: [
    'It looks at the file alone: whether a model or an executable is there is a matter of the place where the instances run. Options are compared with those of llama-server 0.7.0, or of the version whose `llama-server --help` the file names with `option_table` in `[master]`.',
    'JSON in `$AUTO_INFER_LLAMA_CPP_OVERRIDES` is merged into the file first, here and in all commands of this group.',
  ],
  exits: { ok: 'It is valid; there may be warnings.', config: 'It is not.' },
  examples: [['$0 llama validate llama.toml', 'check this file']],
  run: (args, world) =>
    import('../commands/llama-validate.ts').then((m) =>
      m.llamaValidate({ ...args, config: oneConfig(args) }, world),
    ),
});

const resolve = command({
  name: 'resolve',
  summary: 'Print what would be launched, as JSON: one object an instance',
  options: llamaOption,
  details: [
    'The form is that of the contract: `name`, `llama_cpp_path`, `final_control` and `final_server`, the list of arguments. Instances that are switched off are left out. The value of `--api-key` and of `--hf-token` is not shown.',
  ],
  exits: { config: 'The config is not valid; nothing is printed on standard output.' },
  examples: [['$0 llama resolve --config llama.toml', 'see the command lines']],
  run: (args, world) =>
    import('../commands/llama-resolve.ts').then((m) => m.llamaResolve(args, world)),
});

const schema = command({
  name: 'schema',
  summary: 'Print the JSON Schema of the llama.cpp config',
  details: ['Editors complete and check keys by it.'],
  examples: [
    [
      '$0 llama schema > llama.schema.json',
      'for an editor, whose file then begins with #:schema ./llama.schema.json',
    ],
  ],
  run: (args, world) =>
    import('../commands/llama-schema.ts').then((m) => m.llamaSchema(args, world)),
});

const formats = ['llama-server-presets', 'llama-swap'] as const;

const exportInstances = command({
  name: 'export',
  summary: 'Print the instances for another program that runs llama-server',
  options: {
    ...llamaOption,
    format: {
      choices: formats,
      demandOption: true,
      requiresArg: true,
      describe:
        'Whose form: that of llama-server --models-preset FILE, or the config of llama-swap',
    },
  },
  details: [
    'A preset has the options of an instance and nothing of how it is launched: `gpu_ids`, the log, the address and the keys are of the one llama-server that starts all of them. llama-swap gets the whole command line; keys of the API are taken from its environment, and standard error says from which variables.',
    'What the other form cannot hold as it is, is refused at its place. The file itself is not changed.',
  ],
  exits: { config: 'The config is not valid, or the other form cannot hold a value of it.' },
  examples: [
    ['$0 llama export --config llama.toml --format llama-swap > config.yaml', 'for llama-swap'],
    [
      '$0 llama export -c llama.toml --format llama-server-presets > presets.ini',
      'for llama-server --models-preset presets.ini',
    ],
  ],
  run: (args, world) =>
    import('../commands/llama-export.ts').then((m) => m.llamaExport(args, world)),
});

/** llama-server processes on this host, in a guest or in a container, from one file. */
export const llamaCommands = {
  kind: 'group',
  name: 'llama',
  summary: 'llama.cpp instances from one file',
  commands: [validate, resolve, exportInstances, schema, llamaRun, ...llamaHostCommands],
} as const;
