import { type CommandGroup, command } from '../../src/cli/define/command.ts';
import { type Syntax, syntaxOf } from '../../src/cli/define/grammar.ts';

const done = async () => 0;

/** Everything that shells and manual pages take for something of their own. */
export const nasty = `it's [$HOME] \`id\` "a:b" c\\d %s <x> & ; * ~`;

const folder = { type: 'string', takes: 'DIR', requiresArg: true } as const;
const time = { type: 'string', takes: 'TIME', requiresArg: true } as const;
const paths = { type: 'array', string: true, takes: 'PATH', requiresArg: true } as const;

const look = command({
  name: 'look',
  summary: `Look: ${nasty}`,
  positionals: { file: { type: 'string', takes: 'FILE', describe: 'What to look at' } },
  options: {
    json: { type: 'boolean', default: false, describe: nasty },
    format: { choices: ['short', 'long'], requiresArg: true, describe: 'How much of it' },
    out: { ...folder, alias: 'o', demandOption: true, describe: 'Where to' },
    again: { type: 'string', alias: 'a', takes: 'TIME', describe: 'Now and then' },
    colour: { type: 'boolean', default: true, describe: 'Colour it', negated: 'Black and white' },
    secret: { type: 'boolean', default: false, hidden: true },
  },
  examples: [['$0 look --out=. a.toml', nasty]],
  run: done,
});

const move = command({
  name: 'move',
  summary: 'Move them',
  positionals: { pace: { choices: ['slow', 'fast'], demandOption: true, describe: 'How' } },
  options: {
    paths: { ...paths, describe: 'All of these' },
    within: { ...time, default: '5s', describe: '.leading dot' },
  },
  examples: [['sudo $0 move slow', 'or fast']],
  exits: { ok: nasty, usage: '.Not so fast.' },
  run: done,
});

const turn = command({
  name: 'turn',
  summary: 'Turn them',
  positionals: { which: { array: true, choices: ['left', 'right'], describe: 'Which of them' } },
  examples: [],
  details: [`.First: ${nasty}`, 'Then `--look`.'],
  run: done,
});

const wheel: CommandGroup = {
  kind: 'group',
  name: 'wheel',
  summary: 'Look after the wheels',
  commands: [turn],
};

/** A small program with one of everything. */
export const sampleProgram: Syntax = syntaxOf([look, move, wheel]);
