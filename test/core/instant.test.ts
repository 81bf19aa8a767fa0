import fc from 'fast-check';
import { expect, test } from 'vitest';
import { instant, millisecondsAt } from '../../src/core/instant.ts';
import { age, amount } from '../../src/core/report/units-human.ts';

test('moments are as Date has them, there and back', () => {
  const last = Date.UTC(9999, 11, 31, 23, 59, 59);
  fc.assert(
    fc.property(fc.integer({ min: Date.UTC(1, 0, 1), max: last }), (milliseconds) => {
      const text = new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
      expect(instant(milliseconds)).toBe(text);
      expect(millisecondsAt(text)).toBe(Math.floor(milliseconds / 1000) * 1000);
    }),
  );
});

test.for([
  '2024-02-29T00:00:00Z',
  '2100-03-01T00:00:00Z',
  '2000-12-31T23:59:59Z',
  '1970-01-01T00:00:00Z',
])('%s is the same moment there and back', (text) => {
  expect(instant(millisecondsAt(text) ?? 0)).toBe(text);
});

test.for([
  'yesterday',
  '2026-99-01T00:00:00Z',
  '2026-01-01T25:00:00Z',
  '2026-02-30T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '',
])('%j is no moment', (text) => expect(millisecondsAt(text)).toBeUndefined());

test('an age has its two largest units, and minutes are enough below an hour', () => {
  const ages = [0, 42, 5 * 60 + 12, 2 * 3600 + 5 * 60, (3 * 24 + 4) * 3600, -5];
  expect(ages.map((seconds) => age(seconds * 1000))).toEqual([
    ...['0 s', '42 s', '5 min', '2 h 5 min', '3 d 4 h', '0 s'],
  ]);
});

test('an amount of memory has a decimal where it says something', () => {
  expect([32, 31.94, 127.6].map((gib) => amount(gib * 2 ** 30))).toEqual(['32', '31.9', '128']);
});
