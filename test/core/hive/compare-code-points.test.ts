import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareCodePoints } from '../../../src/core/hive/compare-code-points.ts';

test('texts are in the order of their code points, not of their UTF-16 units', () => {
  expect(compareCodePoints('a', 'b')).toBeLessThan(0);
  expect(compareCodePoints('a', 'a')).toBe(0);
  expect(compareCodePoints('a', 'ab')).toBeLessThan(0);
  expect(compareCodePoints('Z', 'a')).toBeLessThan(0);
  expect(compareCodePoints('\u{1f600}', '\uff5e')).toBeGreaterThan(0);
  expect(compareCodePoints('x\ue000', 'x\u{10000}')).toBeLessThan(0);
});

test('the order is that of the lists of code points', () => {
  const edges = ['a', 'b', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{10001}', '\u{10ffff}'];
  const text = fc.string({ unit: fc.constantFrom(...edges), maxLength: 6 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(Math.sign(compareCodePoints(a, b))).toBe(compareLists(pointsOf(a), pointsOf(b)));
    }),
  );
});

function pointsOf(text: string): readonly number[] {
  return [...text].map((character) => character.codePointAt(0) ?? 0);
}

function compareLists(a: readonly number[], b: readonly number[]): number {
  for (const [at, point] of a.entries()) {
    const other = b[at];
    if (other === undefined) return 1;
    if (point !== other) return point < other ? -1 : 1;
  }
  return a.length === b.length ? 0 : -1;
}
