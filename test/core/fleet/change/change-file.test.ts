import { expect, test } from 'vitest';
import { checkChange, openFleet } from '../../../../src/core/fleet/change/change-file.ts';
import { sampleFleet } from '../../../support/fleet-files.ts';

const options = { file: 'runtimes.json', mode: 'strict' } as const;
const bytes = (text: string) => new TextEncoder().encode(text);

test('a file that is not there, or empty, is one without entries', () => {
  const documents = [undefined, bytes(''), bytes(' \n')].map((one) => openFleet(one, options));
  for (const opened of documents) {
    expect(opened).toMatchObject({
      ok: true,
      value: { document: { schema_version: 1, hosts: [] } },
    });
  }
});

test('a file that is not valid yet can be opened, so that a change makes it so', () => {
  const opened = openFleet(bytes('{"hosts": [{"id": 1}], "extra": {"a": 1}}'), options);
  expect(opened).toMatchObject({ ok: true, value: { document: { extra: { a: 1 } } } });
});

test.for(['{"hosts": [}', '[]', '{"hosts": [], "hosts": []}', '\u0000'])(
  '%j is refused, as something of it would be lost',
  (text) => {
    const opened = openFleet(bytes(text), options);
    expect(opened.ok ? 'opened' : opened.diagnostics.length).toBeGreaterThan(0);
  },
);

test('numbers are told that a program cannot keep', () => {
  const text =
    '{"a": 12345678901234567890, "b": 1.0, "c": [1e3, 0.1, -0, 1e999], "d/e": 0.10000000000000000001}';
  const opened = openFleet(bytes(text), options);
  expect(opened.ok ? opened.value.inexact : []).toEqual(['/a', '/c/3', '/d~1e']);
});

test('a change is checked as the whole file that it would be', () => {
  expect(checkChange(sampleFleet, options).loaded.result).toMatchObject({ ok: true });
  const { loaded } = checkChange({ ...sampleFleet, hosts: [] }, options);
  const problems = loaded.result.ok ? [] : loaded.result.diagnostics;
  expect(problems.map(({ message }) => message)).toContain(
    'backends[cpu].host_filters: unknown host id "here"',
  );
});

test('a byte order mark is part of what a file is compared with', () => {
  const opened = openFleet(bytes(`\ufeff${JSON.stringify(sampleFleet)}`), options);
  expect(opened.ok ? opened.value.text?.startsWith('\ufeff') : false).toBe(true);
});
