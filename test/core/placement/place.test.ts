import { describe, expect, test } from 'vitest';
import { assumedAccount } from '../../../src/core/facts/accounts.ts';
import type { NumaNode } from '../../../src/core/facts/numa.ts';
import type { PciDevice, PciFacts } from '../../../src/core/facts/pci.ts';
import { hugepageNeeds } from '../../../src/core/placement/hugepage-needs.ts';
import { place, ranges } from '../../../src/core/placement/place.ts';
import type { Desired } from '../../../src/core/resolve/desired.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';
import { pciDevice } from '../../support/pci-device.ts';

const GIB = 2 ** 30;
const onNode0 = '0000:01:00.0';
const onNode1 = '0000:81:00.0';
const unknown = '0000:c1:00.0';

function device(address: string, numaNode: number | undefined): PciDevice {
  return pciDevice({ address, numaNode, iommuGroup: '1' });
}

const pci: PciFacts = {
  devices: new Map([
    [onNode0, device(onNode0, 0)],
    [onNode1, device(onNode1, 1)],
    [unknown, device(unknown, undefined)],
  ]),
  hasIommu: true,
  hasInterruptRemapping: true,
  hasVfioPci: true,
  cpuVendor: 'intel',
  iommuAddressBits: undefined,
  physicalAddressBits: undefined,
  kernelCommandLine: '',
};

function node(id: number, cpus: readonly number[]): NumaNode {
  return { id, cpus, memoryBytes: 512 * GIB, hugepages: new Map() };
}

const twoNodes = { nodes: [node(0, [0, 1, 2, 3]), node(1, [4, 5, 6, 7])] };

function desiredFor(
  gpus: readonly string[],
  own: { readonly memory_gb?: number; readonly cpus?: number } = {},
  memory: { readonly hugepages?: '2M' | '1G'; readonly numa?: 'off' } = {},
): Desired {
  return resolve(
    {
      schema_version: 2,
      global: { user: 'llm' },
      memory,
      runtimes: [{ index: 1, name: 'a', gpus, memory_gb: 8, cpus: 4, ...own }],
    },
    assumedAccount('llm'),
    '',
  );
}

function placed(desired: Desired, numa = twoNodes) {
  return place(desired, { numa, pci }).get(1);
}

describe('a runtime', () => {
  test('whose GPUs are on one node gets memory and CPUs of this node, and the plan can say so', () => {
    expect(placed(desiredFor([onNode1]))).toEqual({
      zones: [{ node: 1, memoryBytes: 8 * GIB, vcpus: [0, 1, 2, 3], hostCpus: [4, 5, 6, 7] }],
      note: '8 GiB and 4 virtual CPUs on NUMA node 1 (CPUs 4-7), where its GPUs are',
      isFarFromGpus: false,
    });
  });

  test('whose GPUs are on two nodes is divided between them', () => {
    const { zones = [] } = placed(desiredFor([onNode0, onNode1], { memory_gb: 7, cpus: 5 })) ?? {};
    expect(zones).toEqual([
      { node: 0, memoryBytes: 3.5 * GIB, vcpus: [0, 1, 2], hostCpus: [0, 1, 2, 3] },
      { node: 1, memoryBytes: 3.5 * GIB, vcpus: [3, 4], hostCpus: [4, 5, 6, 7] },
    ]);
  });

  test('is divided in whole pages, and none is lost', () => {
    const desired = desiredFor([onNode0, onNode1], { memory_gb: 7 }, { hugepages: '1G' });
    expect(placed(desired)?.zones.map(({ memoryBytes }) => memoryBytes / GIB)).toEqual([4, 3]);
  });

  test.for([
    ['one CPU', { cpus: 1 }, {}],
    ['one page', { memory_gb: 1 }, { hugepages: '1G' as const }],
  ] as const)('with %s cannot be divided, which is a warning', ([, own, memory]) => {
    const placement = placed(desiredFor([onNode0, onNode1], own, memory));
    expect(placement).toMatchObject({ zones: [], isFarFromGpus: true });
    expect(placement?.note).toContain('NUMA nodes 0 and 1');
  });

  test.for([
    ['it has no GPU', desiredFor([]), twoNodes],
    ['the firmware does not say where its GPU is', desiredFor([unknown]), twoNodes],
    ['numa is off', desiredFor([onNode0], {}, { numa: 'off' }), twoNodes],
    ['the host has one node', desiredFor([onNode0]), { nodes: [node(0, [0, 1])] }],
    ['the host does not tell its nodes', desiredFor([onNode0]), { nodes: [] }],
  ] as const)('is left to the kernel where %s', ([, desired, numa]) => {
    expect(place(desired, { numa, pci }).get(1)).toEqual({
      zones: [],
      note: '',
      isFarFromGpus: false,
    });
  });

  test('is not bound to CPUs whose numbers cloud-hypervisor cannot hold', () => {
    const numa = { nodes: [node(0, [1022, 1023, 1024, 1025]), node(1, [2000])] };
    expect(placed(desiredFor([onNode0]), numa)?.zones[0]?.hostCpus).toEqual([1022, 1023]);
    expect(placed(desiredFor([onNode1]), numa)?.note).toBe(
      '8 GiB and 4 virtual CPUs on NUMA node 1, where its GPUs are',
    );
  });
});

test('hugepages are counted by node, and those that may lie anywhere come last', () => {
  const desired = resolve(
    {
      schema_version: 2,
      global: { user: 'llm', default_memory_gb: 4 },
      memory: { hugepages: '2M' },
      runtimes: [
        { index: 1, name: 'a' },
        { index: 2, name: 'b', gpus: [onNode1] },
        { index: 3, name: 'c', gpus: [onNode0] },
        { index: 4, name: 'd', gpus: ['0000:81:00.0'] },
      ],
    },
    assumedAccount('llm'),
    '',
  );
  expect(hugepageNeeds(desired, place(desired, { numa: twoNodes, pci }))).toEqual([
    { node: 0, pages: 2048 },
    { node: 1, pages: 4096 },
    { node: undefined, pages: 2048 },
  ]);
  expect(hugepageNeeds(desiredFor([onNode0]), new Map())).toEqual([]);
});

test('numbers of CPUs are written as the kernel writes them', () => {
  expect(ranges([0, 1, 2, 3, 8, 10, 11])).toBe('0-3,8,10-11');
  expect(ranges([])).toBe('');
});
