import { entryNames, type Section } from '../../core/fleet/shape.ts';
import { type Command, type CommandGroup, command } from './command.ts';
import { fleetAskCommands } from './fleet-ask-commands.ts';
import { fleetChangeCommands } from './fleet-change-commands.ts';
import { fleetOption } from './fleet-options.ts';
import { jsonOption } from './options.ts';

const notValid = 'The file is not valid; nothing is printed on standard output but with --json.';

function list(section: Section): Command {
  return command({
    name: 'list',
    summary: `List the ${section} of runtimes.json`,
    options: { ...fleetOption, ...jsonOption },
    details: [
      `\`vllmd ${section}\` alone does the same. Secrets are not shown. Nothing is run and no host is asked.`,
    ],
    exits: { config: notValid },
    examples: [
      [`$0 ${section}`, 'one row each'],
      [`$0 ${section} list --json`, 'with all their keys, for programs'],
    ],
    run: (args, world) =>
      import('../commands/fleet-list.ts').then((m) => m.fleetList(section, args, world)),
  });
}

function show(section: Section): Command {
  const name = entryNames[section];
  return command({
    name: 'show',
    summary: `Show one ${name} with all its keys`,
    positionals: {
      id: { type: 'string', demandOption: true, describe: `The id of the ${name}` },
    },
    options: { ...fleetOption, ...jsonOption },
    details: ['Secrets are shown as `[REDACTED]`, also where a command repeats one.'],
    exits: { notFound: `There is no ${name} of this id.`, config: notValid },
    examples: [[`$0 ${section} show ${sampleIds[section]}`, 'key by key']],
    run: (args, world) =>
      import('../commands/fleet-show.ts').then((m) => m.fleetShow(section, args, world)),
  });
}

const sampleIds = { hosts: 'lab-ssh', backends: 'vulkan', models: 'qwen-local' } as const;

function validate(section: Section): Command {
  return command({
    name: 'validate',
    summary: 'Check all of runtimes.json and list everything that is wrong with it',
    options: { ...fleetOption, ...jsonOption },
    details: [
      'It is the same for `hosts`, `backends` and `models`: they name each other, so the file is checked as a whole. It looks at the file alone: no host is asked.',
    ],
    exits: { ok: 'It is valid; there may be warnings.', config: 'It is not.' },
    examples: [[`$0 ${section} validate --file runtimes.json`, 'check this file']],
    run: (args, world) =>
      import('../commands/fleet-validate.ts').then((m) => m.fleetValidate(args, world)),
  });
}

const schema = command({
  name: 'schema',
  summary: 'Print the JSON Schema of runtimes.json',
  details: ['Editors complete and check keys by it.'],
  examples: [['$0 hosts schema > runtimes.schema.json', 'for an editor']],
  run: (args, world) =>
    import('../commands/fleet-schema.ts').then((m) => m.fleetSchema(args, world)),
});

function group(section: Section, summary: string, more: readonly Command[] = []): CommandGroup {
  const own = [list(section), show(section), validate(section)];
  const commands = [...own, ...fleetChangeCommands[section], ...fleetAskCommands[section], ...more];
  return { kind: 'group', name: section, summary, alone: 'list', commands };
}

/** The three sections of runtimes.json. */
export const fleetCommands: readonly CommandGroup[] = [
  group('hosts', 'Hosts of runtimes.json: where models can run', [schema]),
  group('backends', 'Backends of runtimes.json: what models run on'),
  group('models', 'Models of runtimes.json: what runs, and how it is started'),
];
