const elsewhere =
  'else $VLLMD_HYPERVISOR_CONFIG, /etc/vllmd/config.toml, ~/.config/vllmd/config.toml';

const rewrittenFile = {
  type: 'string',
  takes: 'FILE',
  describe: `The config file; ${elsewhere}`,
} as const;

const configFile = {
  ...rewrittenFile,
  describe: `The config file, - for stdin; ${elsewhere}`,
} as const;

/** In the place of --config. */
export const configPositional = { file: configFile } as const;
export const rewrittenPositional = { file: rewrittenFile } as const;

/** How a config is read. */
export const modeOptions = {
  strict: {
    type: 'boolean',
    default: false,
    describe:
      'Whatever is not as the schema has it is an error; so it is unless --lenient is given',
  },
  lenient: {
    type: 'boolean',
    default: false,
    describe:
      'Ignore unknown keys and accept other spellings, such as 16:00.0 and NAT, with a warning each; for an install a slip stays an error',
  },
} as const;

export const rewrittenOption = {
  config: { ...rewrittenFile, alias: 'c', requiresArg: true },
} as const;

export const configOption = {
  config: { ...configFile, alias: 'c', requiresArg: true },
  ...modeOptions,
} as const;

export const jsonOption = {
  json: { type: 'boolean', default: false, describe: 'Print JSON on stdout' },
} as const;

export const factsOption = {
  facts: {
    type: 'string',
    takes: 'FILE',
    requiresArg: true,
    describe: 'Look at the host that `vllmd facts` has recorded in this file, and not at this one',
  },
} as const;

/** Every command has these. */
export const everywhereOptions = {
  quiet: {
    type: 'boolean',
    alias: 'q',
    default: false,
    describe: 'Tell results, warnings and errors only; no progress',
  },
  verbose: {
    type: 'boolean',
    alias: 'v',
    default: false,
    describe: 'Tell on stderr each program that is run on the host, and each file that is written',
  },
} as const;

export const dryRunOption = {
  type: 'boolean',
  default: false,
  describe: 'Print what would happen and change nothing',
} as const;

export const lockTimeoutOption = {
  'lock-timeout': {
    type: 'string',
    takes: 'TIME',
    requiresArg: true,
    describe: 'How long to wait for another vllmd that changes this host: 60s, 10m',
  },
} as const;

const path = { type: 'array', string: true, takes: 'PATH', requiresArg: true } as const;

/** How the files and units of an operator are treated that are not as vllmd left them. */
export const choiceOptions = {
  'overwrite-drift': {
    ...path,
    describe: 'Replace these files although they were edited; copies are kept',
  },
  'keep-drift': { ...path, describe: 'Leave these edited files as they are, now and later' },
  adopt: {
    ...path,
    describe: 'Take the place of these files of others; uninstall puts them back',
  },
  reenable: {
    type: 'boolean',
    default: false,
    describe: 'Enable again what was disabled by hand',
  },
  unmask: { type: 'boolean', default: false, describe: 'Lift masks that are in the way' },
} as const;

/** How units are started, and what follows when one does not start. */
export const startOptions = {
  start: {
    type: 'boolean',
    default: true,
    describe: 'Start and restart units; with --no-start what the config drops is still stopped',
    negated: 'Start and restart nothing; what the config drops is still stopped',
  },
  restart: {
    type: 'boolean',
    default: true,
    describe: 'Restart runtimes that changed; with --no-restart they wait for it',
    negated: 'Let runtimes that changed run on with their old definition; they wait for a restart',
  },
  'retry-failed': {
    type: 'boolean',
    default: false,
    describe: 'Start units that failed although nothing about them changed',
  },
  'all-or-nothing': {
    type: 'boolean',
    default: false,
    describe: 'Take all runtimes back when one does not start',
  },
  settle: {
    type: 'string',
    takes: 'TIME',
    default: '5',
    requiresArg: true,
    describe: 'How long a started runtime must stay up before the next one: 30, 30s, 1m',
  },
} as const;
