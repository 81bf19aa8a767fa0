import { command } from './command.ts';
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

/** llama-server processes on this host, in a guest or in a container, from one file. */
export const llamaCommands = {
  kind: 'group',
  name: 'llama',
  summary: 'llama.cpp instances from one file',
  commands: [validate, resolve, schema, llamaRun],
} as const;
