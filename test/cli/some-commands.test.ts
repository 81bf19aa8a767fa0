import { expect, test } from 'vitest';
import { commands } from '../../src/cli/define/commands.ts';
import { commandFiles, commandsFor } from '../../src/cli/define/some-commands.ts';

test('a command line that begins with a command is read with what there is of it', async () => {
  for (const name of Object.keys(commandFiles)) {
    const some = await commandsFor([name, '--help']);
    expect(some).toContain(commands.find((entry) => entry.name === name));
    for (const entry of some) expect(commands).toContain(entry);
  }
});

test('no command but the one that prints all of them needs all of them', () => {
  const others = commands.map(({ name }) => name).filter((name) => !(name in commandFiles));
  expect(others).toEqual(['completion']);
});

test.each([
  [[]],
  [['--json', 'validate']],
  [['help', 'validate']],
  [['valdate']],
  [['toString']],
  [['__proto__']],
])('%j could be about any command', async (argv) => {
  expect(await commandsFor(argv)).toBe(commands);
});
