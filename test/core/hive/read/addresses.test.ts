import { expect, test } from 'vitest';
import { groupsOf, isInNetwork, networkIn } from '../../../../src/core/hive/read/addresses.ts';

function isIn(address: string, written: string): boolean {
  const network = networkIn(written);
  if (network === undefined) throw new Error(`${written} is no network`);
  return isInNetwork(address, network);
}

test.each([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['11.0.0.0', '10.0.0.0/8', false],
  ['10.0.0.127', '10.0.0.0/25', true],
  ['10.0.0.128', '10.0.0.0/25', false],
  ['10.0.0.1', '10.0.0.1', true],
  ['10.0.0.2', '10.0.0.1', false],
  ['8.8.8.8', '0.0.0.0/0', true],
  ['fd12::1', 'fd00::/8', true],
  ['fe00::1', 'fd00::/8', false],
  ['2001:db8::1', '2001:db8::/127', true],
  ['2001:db8::2', '2001:db8::/127', false],
  ['::ffff:10.0.0.1', '10.0.0.0/8', true],
  ['10.0.0.1', '::/0', true],
  ['a.name', '0.0.0.0/0', false],
])('whether %s lies in %s: %s', (address, network, expected) => {
  expect(isIn(address, network)).toBe(expected);
});

test.each(['10.0.0.0/33', 'fd00::/129', '10.0.0/8', 'x', '', '10.0.0.0/', '10.0.0.0/8/8', '::g'])(
  '%j is no network',
  (text) => {
    expect(networkIn(text)).toBeUndefined();
  },
);

test('an address in brackets or with a zone is none', () => {
  expect(groupsOf('[::1]')).toBeUndefined();
  expect(groupsOf('fe80::1%eth0')).toBeUndefined();
  expect(groupsOf('::1')).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
});
