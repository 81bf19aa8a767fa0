import { command } from './command.ts';
import { llamaOption } from './llama-options.ts';
import { dryRunOption, jsonOption } from './options.ts';

const time = { type: 'string', takes: 'TIME', requiresArg: true } as const;

export const llamaRun = command({
  name: 'run',
  summary: 'Start the instances here and wait until each is healthy, as in a container',
  options: {
    ...llamaOption,
    ...jsonOption,
    'dry-run': { ...dryRunOption, describe: 'Print what would be started and start nothing' },
    wait: {
      type: 'boolean',
      default: false,
      describe: 'Stay until all instances have ended, as the main process of a container does',
    },
    'health-timeout': {
      ...time,
      default: '10m',
      describe: 'How long an instance may take until it is healthy; then it is ended',
    },
    'stop-timeout': {
      ...time,
      default: '8s',
      describe: 'How long an instance may take to end before it is killed',
    },
    'pass-env': {
      type: 'array',
      string: true,
      takes: 'NAME',
      requiresArg: true,
      describe: 'Give the instances this variable too; else they get PATH, HOME and their own',
    },
    boot: {
      type: 'boolean',
      default: false,
      describe: 'Start nothing unless $AUTO_INFER_LLAMA_CPP_ON_BOOT is 1 or true',
    },
  },
  details: [
    'The whole file is checked before the first start. Then the instances are started in the order of the file, each in a session of its own, without a shell, with its log opened to be added to; a link in the place of a log is refused. `/dev/stdout` as `log_file` is the output of vllmd itself. The value of `--api-key` and of `--hf-token` is handed over in the environment, where no list of processes shows it.',
    'An instance is healthy when `GET /health` has the status 200: llama-server listens before its model is loaded. What stands in the way of one instance, such as a port that is taken or a model that is not there, is one line and the end of its log; the others go on. Nothing is ever started a second time. A model of hundreds of gigabytes takes minutes from a slow disk, hence ten of them; an instance that takes longer is ended, so that it does not come up later without anybody knowing.',
    'When all are healthy the command ends and they run on, as with `background = true` they are to. As the main process of a container add `--wait`: it stays until the last of them has ended, and hands signals on. An instance with `background = false` holds up those behind it until it has ended; where it fails they are not started.',
    'SIGINT, SIGTERM and the end of the terminal (as SIGTERM) are handed on to all that were started; what has not ended after `--stop-timeout`, or at a second signal, is killed. Eight seconds are less than the ten that Docker waits. vllmd collects the processes that it has started, and no others that are left to the first process of a container: use `docker run --init` where `llama_cpp_path` is a script that starts others, or something else runs beside it.',
    'Of the environment an instance is given PATH, HOME, `CUDA_VISIBLE_DEVICES` (of `gpu_ids`, else as vllmd has it) and, where the libraries of llama.cpp lie beside the executable, `LD_LIBRARY_PATH`. `--pass-env NAME` adds a variable.',
    '`--boot` is for the start of a container that runs this command always: `$AUTO_INFER_LLAMA_CPP_ON_BOOT` has to be `1` or `true`, and `$AUTO_INFER_LLAMA_CPP_CONFIG` has to name a file that is there. Otherwise it starts nothing and ends with 0.',
  ],
  exits: {
    ok: 'All are healthy; with `--wait`: all have ended as they were to, a signal after they were healthy included. Or there is nothing to start.',
    config: 'The config is not valid, or an instance has no port. Nothing is started.',
    runtime:
      'An instance did not start, was not healthy in time, or ended with another exit code than 0. The last line says how many.',
    preflight: 'There is no llama-server that can be executed. Nothing is started.',
    interrupted: 'SIGINT before all were healthy: all that were started have ended.',
    terminated: 'SIGTERM, or the end of the terminal, before all were healthy: the same.',
  },
  examples: [
    ['$0 llama run --config llama.toml', 'start them, and let them run'],
    ['$0 llama run --wait --boot', 'as the main process of a container'],
  ],
  run: (args, world) => import('../commands/llama-run.ts').then((m) => m.llamaRun(args, world)),
});
