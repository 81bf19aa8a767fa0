import type { World } from '../../host/world.ts';
import { command } from './command.ts';
import { fleetOption } from './fleet-options.ts';
import { dryRunOption, jsonOption } from './options.ts';

const id = { type: 'string', takes: 'NAME', requiresArg: true } as const;
const time = { type: 'string', takes: 'TIME', requiresArg: true } as const;

const select = command({
  name: 'select',
  summary: 'Have a model of the fleet run, in the place of what runs now',
  options: {
    ...fleetOption,
    ...jsonOption,
    model: { ...id, demandOption: true, describe: 'The ID of the model' },
    host: { ...id, describe: 'The host that it is to run on; else the first that fits' },
    backend: { ...id, describe: 'The backend that it is to run with; else the first that fits' },
    'dry-run': { ...dryRunOption, describe: 'Print what would be done and run nothing' },
    restart: {
      type: 'boolean',
      default: false,
      describe: 'Start it again although it runs as it is to run',
    },
    force: {
      type: 'boolean',
      default: false,
      describe:
        'As --restart, and believe `stop_cmd` also where what ran still answers; no lock is taken from anybody',
    },
    'wait-timeout': {
      ...time,
      describe: 'How long it may take until it is healthy; else as the file has it, or 30 s',
    },
    'wait-lock': {
      ...time,
      describe: 'How long to wait for another select to end: 60, 60s, 10m; else not at all',
    },
  },
  details: [
    'What runs is stopped and cleaned up, the backend is applied and verified, the model is started, and its probe is repeated until it succeeds. `--dry-run` prints exactly these steps, with `--verbose` the commands too; without `--dry-run` `--verbose` tells each command on standard error before it runs. Where the model runs already and nothing about it has changed, it is probed and left alone; where that probe fails, it is stopped and started. A backend with `verify_always` is verified before that probe; where it is not, nothing is stopped or started, and `--restart` applies it and starts the model again.',
    'A command that stays in the foreground is started in a session of its own and outlives vllmd, with its output in a log; one that puts its server into the background ends with 0. Before the start the probe has to fail: a healthy answer would be that of something else.',
    'At the first step that fails what was done is taken back: what was started is ended, `stop_cmd`, `cleanup_cmd` and `rollback_cmd` are run on the hosts that they concern. SIGINT and SIGTERM do the same. Where something may still run afterwards, it stays on record, the last line says so, and the next `select` stops it first. A failing `cleanup_cmd` is a warning.',
    'A `stop_cmd` has to succeed where nothing runs, too: `pkill -f llama-server || true`. Behind it what it stopped is probed: where it still answers after 10 s, the stop has failed. `--force` leaves that out.',
    'One select at a time: the lock is that of this account, and goes when its process ends, in whatever way.',
  ],
  exits: {
    ok: 'The model runs and is healthy; with `--dry-run`: this is the plan.',
    config: 'The file of the fleet is not valid. Nothing is touched.',
    runtime: 'A step failed, and what was done is taken back.',
    conflict:
      'The lock, or what is on record of the active runtime, cannot be used, or its directory is not one of this account alone. Nothing is touched.',
    preflight: 'There is no plan: the reason says what excludes each host. Nothing is touched.',
    locked: 'Another select runs. Nothing is touched.',
    rollbackIncomplete: 'Something could not be stopped or taken back, and may still run.',
    interrupted: 'SIGINT, and what was done is taken back.',
    terminated: 'SIGTERM, and what was done is taken back.',
  },
  examples: [
    ['$0 select --model qwen-local --dry-run', 'what it would do'],
    ['$0 select --model qwen-local', 'do it'],
    ['$0 select status', 'what runs'],
  ],
  run: (args, world) => {
    hideArguments(world);
    return import('../commands/select.ts').then((m) =>
      m.select({ ...args, isVerbose: args['verbose'] === true }, world),
    );
  },
});

const status = command({
  name: 'status',
  summary: 'Show which model runs, where, and since when',
  options: {
    ...fleetOption,
    ...jsonOption,
    check: {
      type: 'boolean',
      default: false,
      describe: 'Probe it as well, with the command that the file has for it now',
    },
  },
  details: [
    'It is what vllmd knows of the last `select`: without `--check` no host is asked, and no file of the fleet is read. While a `select` is at work it says so on standard error and in the state, for programs as `in_progress`.',
  ],
  exits: {
    ok: 'It is shown, whatever it is; with `--check`: nothing runs, or what runs is healthy.',
    runtime: '`--check`: it is not healthy, or is not known to be.',
    config: '`--check`: the file of the fleet is not valid.',
    conflict: 'The lock, or what is on record of the active runtime, cannot be used.',
  },
  examples: [
    ['$0 select status', 'what runs'],
    ['$0 select status --check', 'and whether it is healthy'],
  ],
  run: (args, world) => {
    hideArguments(world);
    return import('../commands/select-status.ts').then((m) => m.selectStatus(args, world));
  },
});

/**
 * The commands of a selection may end others by what is in their arguments, such as the ID of the model that is selected
 * here, or the name of this program: `pkill -f MODEL` is an ordinary stop_cmd.
 */
function hideArguments(world: World): void {
  world.hideArguments('select');
}

/** One model at a time, on one of the hosts of the fleet. */
export const selectCommands = {
  kind: 'group',
  name: 'select',
  summary: select.summary,
  itself: select,
  commands: [status],
} as const;
