import { expect, test } from 'vitest';
import { bashCompletion } from '../../../src/cli/completion/bash.ts';
import { fishCompletion } from '../../../src/cli/completion/fish.ts';
import { zshCompletion } from '../../../src/cli/completion/zsh.ts';
import { commands } from '../../../src/cli/define/commands.ts';
import { everySyntax, syntaxOf } from '../../../src/cli/define/grammar.ts';
import { ruleIds } from '../../../src/core/catalogue/find-rule.ts';
import { call } from '../../support/call.ts';
import { sampleProgram } from '../../support/sample-program.ts';
import { simulatedHost } from '../../support/systemd.ts';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

test.for(['bash', 'zsh', 'fish'] as const)('the script for %s is exactly as expected', (shell) =>
  expect(scripts[shell](sampleProgram)).toMatchFileSnapshot(`expected/${shell}`),
);

test.for(['bash', 'zsh', 'fish'] as const)('completion %s prints it', async (shell) => {
  const answer = await call(simulatedHost(), ['completion', shell]);
  expect(answer).toEqual({ code: 0, out: scripts[shell](syntaxOf(commands, ruleIds())), err: '' });
});

test('another shell is refused with those that there are', async () => {
  const { code, err } = await call(simulatedHost(), ['completion', 'tcsh']);
  expect(code).toBe(64);
  expect(err).toContain('shell: got "tcsh"; known are "bash", "zsh", "fish"');
});

test('every value that can be typed has a name, and every switch says what it does', () => {
  const all = everySyntax(syntaxOf(commands));
  const flags = all.flatMap(({ path, flags: own }) => own.map((flag) => ({ path, flag })));
  const unnamed = flags.filter(
    ({ flag: { names, value } }) =>
      value?.from === 'nowhere' && `--${value.name.toLowerCase()}` === names[0],
  );
  expect(unnamed, 'give these options a `takes` (src/cli/define/command.ts)').toEqual([]);
  const silent = flags.filter(({ flag }) => !/^[A-Z].*[^.]$/s.test(flag.describe));
  expect(silent, 'describe these options, and with `negated` what their --no- form does').toEqual(
    [],
  );
});

test('every option that takes a value asks for it, but --watch', () => {
  const flags = everySyntax(syntaxOf(commands)).flatMap((syntax) => syntax.flags);
  const optional = flags.filter(({ isValueOptional }) => isValueOptional);
  expect(optional.map(({ names }) => names)).toEqual([['--watch', '-w']]);
});
