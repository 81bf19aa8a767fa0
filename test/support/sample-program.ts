import { type CommandGroup, command } from '../../src/cli/define/command.ts';
import { type Syntax, syntaxOf } from '../../src/cli/define/grammar.ts';

const done = async () => 0;

/** Everything that shells and manual pages take for something of their own. */
export const nasty = `it's [$HOME] \`id\` "a:b" c\\d %s <x> & ; * ~`;

const look = command({
  name: 'look',
  summary: `Look: ${nasty}`,
  positionals: { file: { type: 'string', takes: 'FILE', describe: 'What to look at' } },
  options: {
    json: { type: 'boolean', default: false, describe: nasty },
    format: { choices: ['short', 'long'], describe: 'How much of it' },
    out: { type: 'string', alias: 'o', takes: 'DIR', demandOption: true, describe: 'Where to' },
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
    paths: { type: 'array', string: true, takes: 'PATH', describe: 'All of these' },
    within: { type: 'string', takes: 'TIME', default: '5s', describe: '.leading dot' },
  },
  examples: [['sudo $0 move slow', 'or fast']],
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
