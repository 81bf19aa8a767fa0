import { modeOptions } from './options.ts';

const file = {
  type: 'string',
  takes: 'FILE',
  describe: 'The llama.cpp config, - for stdin; else $AUTO_INFER_LLAMA_CPP_CONFIG',
} as const;

/** In the place of --config. */
export const llamaPositional = { file } as const;

/** Which llama.cpp file, and how it is read. */
export const llamaOption = {
  config: { ...file, alias: 'c', requiresArg: true },
  ...modeOptions,
  lenient: {
    ...modeOptions.lenient,
    describe: 'Ignore unknown keys, and let an instance be without a model, with a warning each',
  },
} as const;

/** Whom the units of instances run as. */
export const userOption = {
  user: {
    type: 'string',
    takes: 'NAME',
    requiresArg: true,
    describe: 'Run the instances as this account; else as one that systemd makes up for them',
  },
} as const;
