import { modeOptions } from './options.ts';

const elsewhere =
  'else $VLLMD_RUNTIMES, $XDG_CONFIG_HOME/idlehands/runtimes.json, ~/.config/idlehands/runtimes.json';

/** Which runtimes.json, and how it is read. */
export const fleetOption = {
  file: {
    type: 'string',
    takes: 'FILE',
    requiresArg: true,
    describe: `The file, - for stdin; ${elsewhere}`,
  },
  ...modeOptions,
  lenient: {
    ...modeOptions.lenient,
    describe: 'Let a variable of a command stand in quotes, with a warning',
  },
} as const;

/** One that is saved again. */
export const savedFleetOption = {
  ...fleetOption,
  file: { ...fleetOption.file, describe: `The file, made where there is none; ${elsewhere}` },
} as const;
