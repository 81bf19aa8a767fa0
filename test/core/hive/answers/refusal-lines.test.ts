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

test.each([
  [
    { error: 'service_conflict', service_id: 'a\n', host_id: 'h2' },
    'the host "h2" has registered the service "a\\n"',
  ],
  [{ error: 'unknown_host', host_id: 'h1' }, 'it knows no host "h1"'],
  [{ error: 'unknown_service', service_id: 's' }, 'it knows no service "s"'],
])('%j is told in words', (body, line) => {
  expect(refusalLines(body)).toEqual([line]);
});

test('a name that nobody knows says nothing', () => {
  expect(refusalLines({ error: 'other' })).toEqual([]);
});
