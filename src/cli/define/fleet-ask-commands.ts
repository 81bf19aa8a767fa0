import { entryNames, type Section } from '../../core/fleet/shape.ts';
import { type Command, command } from './command.ts';
import { fleetOption } from './fleet-options.ts';
import { jsonOption } from './options.ts';

const tested: Readonly<Record<Section, string>> = {
  hosts: 'Run `check_cmd` on a host, by the way that all commands take to it.',
  backends:
    'Run `verify_cmd` on each host that the backend is for: on the hosts, not here. Without a `verify_cmd` there is nothing to run, and the exit code is 0.',
  models: 'Run `probe_cmd` once on each host that can run the model; nothing is started.',
};

const summaries: Readonly<Record<Section, string>> = {
  hosts: 'Check whether a host is healthy',
  backends: 'Check on its hosts whether a backend works',
  models: 'Check on its hosts whether a model answers',
};

function test(section: Section, example: string): Command {
  return command({
    name: 'test',
    summary: summaries[section],
    positionals: {
      id: {
        type: 'string',
        demandOption: true,
        describe: `The id of the ${entryNames[section]}`,
      },
    },
    options: { ...fleetOption, ...jsonOption },
    details: [
      `${tested[section]} A line for each host: \`OK\` or \`FAIL\`, with the exit code of the command, and its last lines on standard error where it failed. Secrets are not shown.`,
    ],
    exits: {
      ok: 'All of them succeeded.',
      notFound: `There is no ${entryNames[section]} of this id.`,
      config: 'The file is not valid; no host is asked.',
      runtime: 'One failed, or its host was not reached.',
    },
    examples: [[`$0 ${section} test ${example}`, 'one line a host']],
    run: (args, world) =>
      import('../commands/fleet-test.ts').then((m) => m.fleetTest(section, args, world)),
  });
}

const doctorSummaries: Readonly<Record<Section, string>> = {
  hosts: 'Look at all hosts, and tell what keeps models from running there',
  backends: 'Look on their hosts at what backends need, and verify them',
  models: 'Look on their hosts at what models need to start',
};

const looked: Readonly<Record<Section, string>> = {
  hosts:
    'Of each host: whether it is reached, `check_cmd`, the `verify_cmd` of its backends, the programs that commands of the host, its backends and its models begin with, its clock, what it shows of GPUs, whether the sources of models are there, and the room on its disks. Of the file: its mode, the key of an ssh connection, models with the same port, and models that can run nowhere.',
  backends:
    'Of each host that a backend can run on: whether it is reached, the `verify_cmd` of the backend, and the programs that its commands begin with. Of the file: its mode, the key of an ssh connection, and backends that no host can run.',
  models:
    'Of each host that a model can run on: whether it is reached, the programs that its commands begin with, whether its source is there, and the room on that disk. Of the file: its mode, the key of an ssh connection, models with the same port, and models that can run nowhere. No model is probed: `vllmd models test` does that.',
};

function doctor(section: Section, example: string): Command {
  const name = entryNames[section];
  return command({
    name: 'doctor',
    summary: doctorSummaries[section],
    positionals: {
      id: { type: 'string', describe: `The id of one ${name}; else every one that is enabled` },
    },
    options: { ...fleetOption, ...jsonOption },
    details: [
      looked[section],
      'Everything is looked up on the host that it is about. Nothing is started or changed. One that is not reached is one problem, and the others are still looked at. Programs that stand behind variables, or in text that only a shell can read, are not guessed.',
    ],
    exits: {
      ok: 'No problem; there may be warnings.',
      notFound: `There is no ${name} of this id.`,
      config: 'The file is not valid; no host is asked.',
      runtime: 'There are problems, each with what would help.',
    },
    examples: [
      [`$0 ${section} doctor`, `all ${section}`],
      [`$0 ${section} doctor ${example} --json`, `one ${name}, for programs`],
    ],
    run: (args, world) =>
      import('../commands/fleet-doctor.ts').then((m) => m.fleetDoctor(section, args, world)),
  });
}

/** What asks hosts, for one list of runtimes.json. */
export const fleetAskCommands: Readonly<Record<Section, readonly Command[]>> = {
  hosts: [test('hosts', 'workstation'), doctor('hosts', 'workstation')],
  backends: [test('backends', 'vulkan'), doctor('backends', 'vulkan')],
  models: [test('models', 'qwen-local'), doctor('models', 'qwen-local')],
};
