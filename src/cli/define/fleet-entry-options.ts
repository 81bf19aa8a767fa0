import { backendTypes } from '../../core/fleet/runtimes-file.ts';

const text = { type: 'string', requiresArg: true } as const;
const number = { type: 'number', requiresArg: true, takes: 'N' } as const;
const ids = { type: 'array', string: true, takes: 'NAME', requiresArg: true } as const;
const words = { type: 'array', string: true, requiresArg: true } as const;

/** Keys that every entry has. */
const common = {
  'display-name': { ...text, takes: 'NAME', describe: 'How people call it; else its ID' },
  enabled: {
    type: 'boolean',
    describe: 'It counts; with --no-enabled it is left out',
    negated: 'It stays in the file and is left out',
  },
  'json-from': {
    ...text,
    takes: 'FILE',
    describe: 'One JSON object with keys of the entry, - for stdin; options count over it',
  },
} as const;

export const hostEntryOptions = {
  ...common,
  transport: {
    ...text,
    choices: ['local', 'ssh'],
    describe: 'How commands reach it; ssh where --host is given',
  },
  host: { ...text, takes: 'NAME', describe: 'Name or address for ssh' },
  port: { ...number, describe: 'Port of ssh' },
  user: { ...text, takes: 'NAME', describe: 'Account for ssh' },
  'ask-password': {
    type: 'boolean',
    default: false,
    describe:
      'Ask for the password of the ssh connection; none comes by an option, which all can see',
  },
  gpu: { ...words, takes: 'NAME', describe: 'Labels of its GPUs' },
  'vram-gb': { ...number, describe: 'Memory of its GPUs' },
  backends: { ...ids, describe: 'IDs of the backends that it can run' },
  'check-cmd': { ...text, takes: 'COMMAND', describe: 'Succeeds where the host is healthy' },
  'check-timeout': { ...number, describe: 'Seconds that it may take; else 5' },
  'stop-cmd': {
    ...text,
    takes: 'COMMAND',
    describe: 'Stops what runs, and succeeds where nothing does',
  },
  'cleanup-cmd': { ...text, takes: 'COMMAND', describe: 'Runs after it' },
} as const;

export const backendEntryOptions = {
  ...common,
  type: { ...text, choices: [...backendTypes], describe: 'What it is' },
  hosts: { ...ids, describe: 'IDs of the hosts that it is for, or any; else any' },
  'apply-cmd': { ...text, takes: 'COMMAND', describe: 'Makes a host ready for it' },
  'verify-cmd': { ...text, takes: 'COMMAND', describe: 'Succeeds where it works' },
  'verify-always': {
    type: 'boolean',
    describe: 'Verify it also where it stays what it was',
    negated: 'Verify it only where it changes',
  },
  'rollback-cmd': { ...text, takes: 'COMMAND', describe: 'Takes back what --apply-cmd did' },
  env: {
    ...words,
    takes: 'VARIABLE',
    describe: 'Variables for its commands, NAME=VALUE; a secret one comes in JSON only',
  },
  arg: { ...words, takes: 'WORD', describe: 'Arguments for {backend_args}: --arg=-ngl --arg=99' },
} as const;

export const modelEntryOptions = {
  ...common,
  source: { ...text, takes: 'URL', describe: 'Path on its host, or a URL' },
  hosts: { ...ids, describe: 'IDs of the hosts that may run it, or any; else any' },
  backends: { ...ids, describe: 'IDs of the backends that may run it, or any; else any' },
  'start-cmd': { ...text, takes: 'COMMAND', describe: 'Starts it' },
  'probe-cmd': { ...text, takes: 'COMMAND', describe: 'Succeeds once it is healthy' },
  'probe-timeout': { ...number, describe: 'Seconds until it has to be healthy; else 30' },
  'probe-interval': { ...number, describe: 'Milliseconds from one probe to the next; else 500' },
  port: { ...number, describe: 'Value of {port}' },
  'context-window': { ...number, describe: 'Tokens of context' },
  'max-tokens': { ...number, describe: 'Tokens of an answer' },
} as const;

/** Of a host that vllmd provisions: its entry is made from its configs. */
export const fromVllmdOptions = {
  'from-vllmd': {
    type: 'boolean',
    default: false,
    describe:
      'Make the entries from configs of vllmd: a host, a backend, and a model for each unit',
  },
  config: {
    ...text,
    takes: 'FILE',
    describe: 'With --from-vllmd: the config of the host, or a llama.cpp file',
  },
  llama: {
    ...text,
    takes: 'FILE',
    describe: 'With --from-vllmd: a llama.cpp file besides',
  },
  ssh: {
    ...text,
    takes: 'DESTINATION',
    describe: 'With --from-vllmd: reach the host by ssh, as [user@]host[:port]',
  },
  'model-prefix': {
    ...text,
    takes: 'NAME',
    describe: 'With --from-vllmd: begin the IDs of its models with it, as gpu2-coder with gpu2',
  },
  sudo: {
    type: 'boolean',
    default: false,
    describe: 'With --from-vllmd: call systemctl by sudo -n',
  },
  force: {
    type: 'boolean',
    default: false,
    describe: 'With --from-vllmd: replace entries of the same id',
  },
} as const;
