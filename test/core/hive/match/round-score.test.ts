import fc from 'fast-check';
import { expect, test } from 'vitest';
import { roundScore } from '../../../../src/core/hive/match/round-score.ts';

test('the exact value is rounded, and a tie goes to the even digit', () => {
  const rounded = [0.27125, 1 / 32, 3 / 32, 5 / 32, 31 / 32, 1 / 16, 0.00005, 0, 1].map(roundScore);
  expect(rounded).toEqual([0.2712, 0.0312, 0.0938, 0.1562, 0.9688, 0.0625, 0.0001, 0, 1]);
});

test('no rounded value is a negative zero', () => {
  expect(Object.is(roundScore(-0.000_01), 0)).toBe(true);
  expect(Object.is(roundScore(-0), 0)).toBe(true);
});

test('every value is rounded as exact arithmetic does it', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (value) => {
      expect(roundScore(value)).toBe(exactly(value));
    }),
  );
});

test('every tie is rounded as exact arithmetic does it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4096 }), (times) => {
      expect(roundScore(times / 32)).toBe(exactly(times / 32));
      expect(roundScore(times / 4096)).toBe(exactly(times / 4096));
    }),
  );
});

/** With whole numbers of any size: a double from 0 on is one of 2^-1074ths. */
function exactly(value: number): number {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  const raw = bits.getBigUint64(0);
  const exponent = (raw >> 52n) & 0x7ffn;
  const fraction = raw & ((1n << 52n) - 1n);
  const mantissa = exponent === 0n ? fraction : fraction | (1n << 52n);
  const units = mantissa << (exponent === 0n ? 0n : exponent - 1n);
  const scaled = units * 10_000n;
  const [whole, rest, half] = [scaled >> 1074n, scaled & ((1n << 1074n) - 1n), 1n << 1073n];
  const isUp = rest > half || (rest === half && whole % 2n === 1n);
  return Number(isUp ? whole + 1n : whole) / 10_000;
}
