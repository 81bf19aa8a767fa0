import { expect, test } from 'vitest';
import { lastLines, shortLine } from '../../../src/core/fleet/last-lines.ts';

test.for(['x', '🙂', 'é'])('a line of %s is shown up to 300 characters', (character) => {
  const whole = character.repeat(300);
  expect(shortLine(whole)).toBe(whole);
  expect(shortLine(`${whole}y`)).toBe(`${whole}…`);
  expect(shortLine(character.repeat(5_000_000))).toBe(`${whole}…`);
});

test('of many lines the last six are shown, and of each its beginning', () => {
  expect(lastLines(['0', '1', '2', '3', '4', '5', 'z'.repeat(301)])).toEqual([
    ...['1', '2', '3', '4', '5'],
    `${'z'.repeat(300)}…`,
  ]);
  expect(lastLines([])).toEqual([]);
});
