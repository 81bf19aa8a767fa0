import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from '../../src/core/duration.ts';

test.each([
  ['0', 0],
  ['90', 90_000],
  ['60s', 60_000],
  ['10m', 600_000],
  ['2h', 7_200_000],
  ['596h', 2_145_600_000],
])('%s is %d ms', (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each(['', 's', '-1', '1.5h', '1h30m', '10 m', '10M', '1d', '597h', '9999999999', '١'])(
  '%j is no duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each([
  [0, '0s'],
  [-5, '0s'],
  [999, '0s'],
  [45_000, '45s'],
  [90_000, '1m 30s'],
  [180_000, '3m'],
  [7_500_000, '2h 5m'],
  [3_601_000, '1h'],
  [86_400_000 * 3 + 7_200_000, '3d 2h'],
])('%d ms is written %s', (milliseconds, text) => {
  expect(formatDuration(milliseconds)).toBe(text);
});
