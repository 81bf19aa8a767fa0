import { expect, test } from 'vitest';
import { givenBy } from '../../../src/core/vm/given.ts';

const GIB = 2 ** 30;
const nothing = {
  gpus: [],
  cpus: 0,
  memoryBytes: undefined,
  hasHugepages: false,
  mac: undefined,
};

test('memory that lies on several nodes is one sum', () => {
  const zones = [
    { id: 'node0', size: 16 * GIB, hugepages: true },
    { id: 'node1', size: 16 * GIB, hugepages: true },
  ];
  const vm = {
    cpus: { boot_vcpus: 8, max_vcpus: 8 },
    memory: { size: 0, zones },
    net: [{ id: 'net0', mac: '02:76:6c:00:00:01' }],
    devices: [{ path: '/sys/bus/pci/devices/0000:01:00.0' }],
  };
  expect(givenBy(JSON.stringify(vm))).toEqual({
    gpus: ['0000:01:00.0'],
    cpus: 8,
    memoryBytes: 32 * GIB,
    hasHugepages: true,
    mac: '02:76:6c:00:00:01',
  });
});

test.for([
  ['no JSON', ''],
  ['no object', 'null'],
  ['a list', '[{"memory":{"size":1}}]'],
  ['other types', '{"memory":{"size":"1"},"cpus":[4],"net":[{"mac":7}],"devices":[{}, 1]}'],
  ['a zone without a size', '{"memory":{"size":0,"zones":[{"size":1},{"id":"node1"}]}}'],
  ['devices elsewhere', '{"devices":[{"path":"/sys/bus/pci/devices/../../../etc"},{"path":"/a"}]}'],
] as const)('of %s it takes nothing as said', ([, text]) => {
  expect(givenBy(text)).toEqual(nothing);
});
