import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBusRange } from '../../../src/core/facts/bus-range.ts';
import type { PciDevice } from '../../../src/core/facts/pci.ts';
import { type BusTree, busTrees } from '../../../src/core/topology/bus-tree.ts';
import { pciDevice } from '../../support/pci-device.ts';

/** `a[b[c],d]` */
function drawn(trees: readonly BusTree[]): string {
  return trees
    .map(({ device, children }) =>
      children.length === 0 ? device.address : `${device.address}[${drawn(children)}]`,
    )
    .join(',');
}

function treesOf(addresses: readonly string[], buses: Readonly<Record<string, string>>): string {
  const ranges = Object.entries(buses).map(([bridge, range]) => {
    const [secondary = 0, subordinate = 0] = range.split('-').map((bus) => Number(`0x${bus}`));
    return [bridge, { secondary, subordinate }] as const;
  });
  const devices = addresses.map((address): PciDevice => pciDevice({ address }));
  return drawn(busTrees(devices, new Map(ranges)));
}

test('a device hangs on the bridge whose bus it is on, by address and through switches', () => {
  const tree = treesOf(
    ['0000:04:00.0', '0000:02:00.0', '0000:00:1f.2', '0000:01:00.0', '0000:00:01.0'],
    { '0000:00:01.0': '01-05', '0000:01:00.0': '02-05', '0000:02:00.0': '04-04' },
  );
  expect(tree).toBe('0000:00:01.0[0000:01:00.0[0000:02:00.0[0000:04:00.0]]],0000:00:1f.2');
});

test('a virtual function on a bus of its own hangs on the bridge that reaches it', () => {
  expect(treesOf(['0000:00:01.0', '0000:03:00.0'], { '0000:00:01.0': '02-04' })).toBe(
    '0000:00:01.0[0000:03:00.0]',
  );
});

test('a bridge reaches no bus of another domain', () => {
  expect(treesOf(['0000:00:01.0', '10000:01:00.0'], { '0000:00:01.0': '01-ff' })).toBe(
    '0000:00:01.0,10000:01:00.0',
  );
});

test('a bridge that claims its own bus is a leaf, and not its own parent', () => {
  expect(treesOf(['0000:01:00.0', '0000:01:01.0'], { '0000:01:00.0': '01-05' })).toBe(
    '0000:01:00.0,0000:01:01.0',
  );
});

test('whatever ranges a broken firmware leaves, each device is in the tree exactly once', () => {
  const bus = fc.integer({ min: 0, max: 6 });
  const hex = (number: number) => number.toString(16).padStart(2, '0');
  const hosts = fc.uniqueArray(fc.record({ bus, slot: bus, from: bus, to: bus }), {
    selector: ({ bus: own, slot }) => `${own}:${slot}`,
  });
  fc.assert(
    fc.property(hosts, (list) => {
      const devices = list.map(({ bus: own, slot }) =>
        pciDevice({ address: `0000:${hex(own)}:${hex(slot)}.0` }),
      );
      const ranges = new Map(
        list.map(({ from, to }, at) => [
          devices[at]?.address ?? '',
          { secondary: from, subordinate: to },
        ]),
      );
      const count = (trees: readonly BusTree[]): readonly string[] =>
        trees.flatMap(({ device, children }) => [device.address, ...count(children)]);
      expect(count(busTrees(devices, ranges)).toSorted()).toEqual(
        devices.map(({ address }) => address).toSorted(),
      );
    }),
  );
});

test('a bridge that the firmware has not set up reaches nothing', () => {
  const header = (secondary: number, subordinate: number) => {
    const bytes = new Uint8Array(64);
    bytes.set([secondary, subordinate], 0x19);
    return bytes;
  };
  expect(parseBusRange(header(1, 5))).toEqual({ secondary: 1, subordinate: 5 });
  expect(parseBusRange(header(0, 0))).toBeUndefined();
  expect(parseBusRange(header(5, 1))).toBeUndefined();
  expect(parseBusRange(new Uint8Array(16))).toBeUndefined();
  expect(parseBusRange(undefined)).toBeUndefined();
});
