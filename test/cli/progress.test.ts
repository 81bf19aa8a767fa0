import { expect, test } from 'vitest';
import { progressOn } from '../../src/cli/progress.ts';
import type { ApplyEvent } from '../../src/host/apply-event.ts';

const GIB = 2 ** 30;
const copy = { index: 1, path: '/d/disk.raw.new', totalBytes: 4 * GIB };
const events: readonly ApplyEvent[] = [
  { kind: 'files', count: 1 },
  { kind: 'copying', copy, doneBytes: 0 },
  { kind: 'copying', copy, doneBytes: GIB },
  { kind: 'copying', copy, doneBytes: 4 * GIB },
  { kind: 'failed', failure: { unit: 'a', message: 'a did not start', journal: 'one\ntwo' } },
];

function shown(isTerminal: boolean, list = events): string {
  const parts: string[] = [];
  const write = (text: string) => void parts.push(text);
  const show = progressOn({ write, hasColour: false, isTerminal });
  for (const event of list) show(event);
  return parts.join('');
}

test('on a terminal a copy shows how far it has come, in one line', () => {
  const line = '  copying the base image for runtime 1: 4.0 GiB';
  expect(shown(true)).toBe(
    `writing: 1 change\n${line},   0 %\r${line},  25 %\r${line}, 100 %\nerror: a did not start\n  | one\n  | two\n`,
  );
});

test('elsewhere a copy is one plain line', () => {
  expect(shown(false)).toBe(
    'writing: 1 change\n  copying the base image for runtime 1: 4.0 GiB\nerror: a did not start\n  | one\n  | two\n',
  );
});

test('an image without any data is copied at once', () => {
  const empty: ApplyEvent = { kind: 'copying', copy: { ...copy, totalBytes: 0 }, doneBytes: 0 };
  expect(shown(true, [empty])).toContain('100 %');
});
