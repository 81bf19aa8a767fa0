import { expect, test } from 'vitest';
import {
  compareChVersions,
  formatChVersion,
  isOlder,
  MINIMUM,
  parseChVersion,
  RECOMMENDED,
  versionOf,
} from '../../../src/core/vm/version.ts';

test.for([
  ['cloud-hypervisor v53.0.0', '53.0'],
  ['cloud-hypervisor v51.2\n', '51.2'],
  ['cloud-hypervisor v51.2.1', '51.2.1'],
  ['cloud-hypervisor v53.0-246-gae44c2971', '53.0'],
  ['cloud-hypervisor v53.0.0-dirty', '53.0'],
  ['cloud-hypervisor 54.0.0', '54.0'],
  ['cloud-hypervisor v53.0.0\nEnabled features: ["kvm", "io_uring"]\n', '53.0'],
])('reads %j as %s', ([output = '', shown]) => {
  const version = parseChVersion(output);
  expect(version && formatChVersion(version)).toBe(shown);
});

test.for(['', 'cloud-hypervisor', 'cloud-hypervisor v53', 'ch-remote v53.0', 'v53.0', 'x 53.0.0'])(
  'does not take %j for a version',
  (output) => {
    expect(parseChVersion(output)).toBeUndefined();
  },
);

test('sorts versions by number, not by text', () => {
  const sorted = ['54', '51.2', '50.1', '51.10', '51.2.1', '9.9', '51'].map(versionOf);
  expect(sorted.toSorted(compareChVersions).map(formatChVersion)).toEqual([
    '9.9',
    '50.1',
    '51.0',
    '51.2',
    '51.2.1',
    '51.10',
    '54.0',
  ]);
});

test('a version is not older than itself', () => {
  expect(isOlder(MINIMUM, RECOMMENDED)).toBe(true);
  expect(isOlder(RECOMMENDED, RECOMMENDED)).toBe(false);
  expect(isOlder(RECOMMENDED, MINIMUM)).toBe(false);
});

test('the oldest version is 51.2 and the recommended one is 53.0', () => {
  expect([MINIMUM, RECOMMENDED].map(formatChVersion)).toEqual(['51.2', '53.0']);
});
