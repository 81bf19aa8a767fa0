import { expect, test } from 'vitest';
import { writeJson, writeJsonLine } from '../../src/cli/write-json.ts';
import { describedHost, testWorld } from '../support/world.ts';

const value = {
  a: '\u202e\u2060\u{e0001}\ud800\u2028\u0085\u007f\ufffe',
  b: 'größe 漢字 👩‍👩‍👧',
  c: '\n\t',
};

test('JSON has no character that is not seen, and says the same', () => {
  for (const write of [writeJson, writeJsonLine]) {
    const world = testWorld(describedHost());
    write(value, world);
    expect(world.out()).not.toMatch(/[\p{Cf}\p{Cs}\p{Zl}\p{Zp}]|(?!\n)\p{Cc}/u);
    expect(world.out()).toContain('größe 漢字');
    expect(JSON.parse(world.out())).toEqual(value);
  }
});
