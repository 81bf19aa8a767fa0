import { expect, test } from 'vitest';
import { refusalLines } from '../../../../src/core/hive/answers/refusal-lines.ts';

test('each problem is a line with its place, and what was sent is not told', () => {
  const problems = [
    { loc: ['body', 'samples', 0], msg: 'Field required', input: 's3cret' },
    { loc: [], msg: 'two\nlines' },
    { msg: 'nowhere' },
  ];
  const [first, second, third] = refusalLines({ detail: problems });
  expect(first).toBe('body.samples.0: Field required');
  expect(second).not.toContain('\n');
  expect(third).toBe('nowhere');
});

test('a text is a line of its own', () => {
  expect(refusalLines({ detail: 'full' })).toEqual(['full']);
});

test.each([undefined, [], {}, { detail: {} }, { detail: [1, {}, { msg: 1 }] }])(
  '%j says nothing',
  (body) => {
    expect(refusalLines(body)).toEqual([]);
  },
);
