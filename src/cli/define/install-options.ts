import {
  choiceOptions,
  dryRunOption,
  factsOption,
  lockTimeoutOption,
  startOptions,
} from './options.ts';

export const installOptions = {
  'dry-run': dryRunOption,
  ...factsOption,
  root: {
    type: 'string',
    takes: 'DIR',
    requiresArg: true,
    describe: 'Install into this tree instead of the running host; calls no systemctl',
  },
  ...startOptions,
  only: {
    type: 'array',
    number: true,
    takes: 'N',
    requiresArg: true,
    describe: 'Change only this runtime, and those that must change with it',
  },
  ...choiceOptions,
  'allow-empty': {
    type: 'boolean',
    default: false,
    describe: 'Accept a config without runtimes on a host that has some',
  },
  'purge-data': {
    type: 'array',
    number: true,
    takes: 'N',
    requiresArg: true,
    describe: 'Delete the disks of these runtimes, which the config no longer has',
  },
  'max-downtime': {
    type: 'string',
    takes: 'TIME',
    requiresArg: true,
    describe:
      'Refuse when runtimes would be down for longer than this in all, by their last starts',
  },
  'plan-out': {
    type: 'string',
    takes: 'FILE',
    requiresArg: true,
    describe: 'With --dry-run: save the plan, for --plan',
  },
  plan: {
    type: 'string',
    takes: 'FILE',
    requiresArg: true,
    describe: 'Install only what this saved plan says; refused when something has moved since',
  },
  'confirm-within': {
    type: 'string',
    takes: 'TIME',
    requiresArg: true,
    describe: 'Roll back after this time, such as 10m, unless `vllmd confirm` comes before',
  },
  ...lockTimeoutOption,
  'detailed-exitcode': {
    type: 'boolean',
    default: false,
    describe:
      'With --dry-run: 2 changes are pending, else what a real run would be refused with (5, 6, 8); without: 9 a restart or a reboot is pending',
  },
} as const;
