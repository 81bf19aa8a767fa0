import { expect, test } from 'vitest';
import { expandPath } from '../../../src/core/config/expand-path.ts';

const vars = {
  home: '/home/ada',
  user: 'ada',
  xdgConfigHome: '/home/ada/.config',
  xdgStateHome: '/state/$HOME',
};

test.for([
  ['/srv/x', '/srv/x'],
  ['~', '/home/ada'],
  ['~/x', '/home/ada/x'],
  ['/x/~/y', '/x/~/y'],
  ['~bob/x', '~bob/x'],
  ['$HOME/x', '/home/ada/x'],
  ['$' + '{HOME}x', '/home/adax'],
  ['/srv/$USER/$' + '{USER}', '/srv/ada/ada'],
  ['$XDG_CONFIG_HOME/x', '/home/ada/.config/x'],
  ['$HOMEx', '$HOMEx'],
  ['$UNKNOWN/x', '$UNKNOWN/x'],
] as const)('expands %s to %s', ([text, expanded]) => {
  expect(expandPath(text, vars)).toBe(expanded);
});

test('does not expand the value of a variable again', () => {
  expect(expandPath('$XDG_STATE_HOME', vars)).toBe('/state/$HOME');
});
