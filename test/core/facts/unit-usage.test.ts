import { expect, test } from 'vitest';
import { parseUnitUsage } from '../../../src/core/facts/unit-usage.ts';

const times = {
  ActiveEnterTimestamp: '@100',
  ActiveExitTimestamp: '@200',
  InactiveEnterTimestamp: '@300',
  InactiveExitTimestamp: '@400',
};

function usage(values: Readonly<Record<string, string>>) {
  const all = { Id: 'a.service', ...times, ...values };
  const text = Object.entries(all).map(([key, value]) => `${key}=${value}\n`);
  return parseUnitUsage(text.join('')).get('a.service');
}

test.for([
  ['active', 100],
  ['reloading', 100],
  ['deactivating', 200],
  ['inactive', 300],
  ['failed', 300],
  ['activating', 400],
] as const)(
  'a unit that is %s is so since systemd has seen it come into that state',
  ([state, seconds]) => {
    expect(usage({ ActiveState: state })?.sinceMs).toBe(seconds * 1000);
  },
);

test.for(['', 'n/a', '@0', 'Thu 2026-11-26 14:00:00 UTC'])(
  'a unit that has never been in another state, shown as %j, has no begin of it',
  (text) => {
    expect(
      usage({ ActiveState: 'inactive', InactiveEnterTimestamp: text })?.sinceMs,
    ).toBeUndefined();
  },
);

test('memory is known for a control group that is there', () => {
  expect(usage({ MemoryCurrent: '4096' })?.memoryBytes).toBe(4096);
  for (const none of ['[not set]', '18446744073709551615', '']) {
    expect(usage({ MemoryCurrent: none })?.memoryBytes).toBeUndefined();
  }
});

test('each unit has its own', () => {
  const text = ['a', 'b'].map(
    (name) => `Id=${name}.service\nMemoryCurrent=${name.charCodeAt(0)}\n`,
  );
  const found = parseUnitUsage(text.join('\n'));
  expect([...found].map(([name, { memoryBytes }]) => [name, memoryBytes])).toEqual([
    ['a.service', 97],
    ['b.service', 98],
  ]);
});
