import { expect, test } from 'vitest';
import { configDefaults } from '../../../src/core/config/config-input.gen.ts';
import { assumedAccount } from '../../../src/core/facts/accounts.ts';
import { guestAddress, macAddress, subnetFor } from '../../../src/core/resolve/addresses.ts';
import { defaults } from '../../../src/core/resolve/defaults.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';

const account = assumedAccount('llm');

test('the defaults of the program are those of the schema', () => {
  const ofSchema = Object.values(configDefaults).flatMap((table) => Object.values(table));
  expect(ofSchema).toEqual(expect.arrayContaining(Object.values(defaults)));
});

test('paths belong to the home of the service user', () => {
  const desired = resolve(
    {
      global: {
        user: 'llm',
        state_dir: '$'.concat('{XDG_STATE_HOME}//x/./'),
        config_dir: '~/c/$USER',
      },
    },
    account,
  );
  expect(desired.stateDir).toBe('/home/llm/.local/state/x');
  expect(desired.configDir).toBe('/home/llm/c/llm');
});

test('what a runtime does not say comes from [global], and then from the defaults', () => {
  const [a, b] = resolve(
    {
      global: { user: 'llm', default_cpus: 2 },
      runtimes: [
        { index: 2, name: 'b', cpus: 9 },
        { index: 1, name: 'a', memory_gb: 3 },
      ],
    },
    account,
  ).runtimes;
  expect(a).toMatchObject({
    index: 1,
    cpus: 2,
    memoryGib: 3,
    networkQueues: 4,
    source: '/runtimes/1',
  });
  expect(b).toMatchObject({
    index: 2,
    cpus: 9,
    memoryGib: 16,
    networkQueues: 8,
    source: '/runtimes/0',
  });
});

test('addresses follow from the index and stay distinct up to the largest one', () => {
  expect([1, 254, 255, 65533].map(guestAddress)).toEqual([
    '10.77.0.2',
    '10.77.0.255',
    '10.77.1.0',
    '10.77.255.254',
  ]);
  expect([1, 65533].map(macAddress)).toEqual(['02:76:6c:00:00:01', '02:76:6c:00:ff:fd']);
});

test.for([
  [[], 24],
  [[253], 24],
  [[254], 23],
  [[65533], 16],
] as const)('the subnet for indices %j has %s bits', ([indices, prefixLength]) => {
  expect(subnetFor(indices).prefixLength).toBe(prefixLength);
});
