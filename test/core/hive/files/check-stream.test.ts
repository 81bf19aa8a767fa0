import { expect, test } from 'vitest';
import { checkStream } from '../../../../src/core/hive/files/check-stream.ts';
import type { FileType } from '../../../../src/core/hive/files/file-types.ts';

function checked(text: string, told?: FileType) {
  const { result } = checkStream(new TextEncoder().encode(text), told);
  if (result.ok) return [...result.value, ...result.warnings.map(placed)];
  return result.diagnostics.map(placed);
}

function placed({
  rule,
  message,
  position,
}: {
  rule: string;
  message: string;
  position?: { line: number; column: number };
}) {
  const at = position === undefined ? 'nowhere' : `${position.line}:${position.column}`;
  return `${rule} ${at} ${message}`;
}

const host = 'host:\n  host_id: h\n  address: a\n';
const asset = 'asset:\n  asset_id: a\n  operation: chat\n  locator: {kind: path, value: /m}\n';

test('what describes a host may be several documents', () => {
  expect(checked(`${host}---\n${asset}`)).toEqual(['host', 'asset']);
  expect(checked(`# All of it.\n---\n${host}---\n# none\n---\n${asset}`)).toEqual([
    'host',
    'asset',
  ]);
  expect(checked('host_id: h\naddress: a\n---\nhost_id: i\naddress: b\n', 'host')).toEqual([
    'host',
    'host',
  ]);
});

test('what is wrong is told of at its place in the whole file', () => {
  expect(
    checked(`${host}---\n${host.replace('a\n', '[]\n')}---\n${asset.replace('chat', 'chant')}`),
  ).toEqual([
    'hive-value 7:12 host.address: should be a valid string',
    expect.stringMatching(/^hive-value 11:14 asset\.operation: /),
  ]);
  expect(checked(`${host}---\n${host}  adress: b\n`)).toEqual([
    'host',
    'host',
    expect.stringMatching(/^hive-ignored-key 8:3 /),
  ]);
  expect(checked(`${host}---\nhost: [\n`)).toEqual([expect.stringMatching(/^hive-syntax [56]:/)]);
});

test('what is read alone has a file of its own', () => {
  const several = [expect.stringMatching(/^hive-several-documents 4:1 /)];
  expect(checked(`${host}---\nroles: []\n`)).toEqual(several);
  expect(checked('a: 1\n\n\n---\nb: 1\n')).toEqual(several);
  expect(checked(`${host}---\n`)).toEqual(several);
  expect(checked('roles: []\n')).toEqual(['roles']);
});

test('bytes that are no text are told of', () => {
  expect(checkStream(new Uint8Array([0xff])).result.ok).toBe(false);
});
