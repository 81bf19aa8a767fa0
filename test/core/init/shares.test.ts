import { expect, test } from 'vitest';
import type { HostCpu, Inventory } from '../../../src/core/facts/inventory.ts';
import type { NumaNode } from '../../../src/core/facts/numa.ts';
import { noNames } from '../../../src/core/facts/pci-ids.ts';
import type { Candidate } from '../../../src/core/init/candidates.ts';
import { split, wholeHost } from '../../../src/core/init/shares.ts';
import { pciDevice } from '../../support/pci-device.ts';

const GIB = 2 ** 30;

type Shape = {
  /** Cores of each node. */
  readonly cores: readonly number[];
  readonly threads?: number;
  readonly memoryGib: readonly number[];
  /** Pages of 1 GiB that are reserved on each node. */
  readonly pages?: number;
};

function inventory({ cores, threads = 2, memoryGib, pages = 0 }: Shape): Inventory {
  const cpus = cores.flatMap((count, node) =>
    Array.from({ length: count * threads }, (_, at): HostCpu & { readonly node: number } => ({
      id: node * 1000 + at,
      socket: node,
      core: `${node}:${at % count}`,
      node,
    })),
  );
  const nodes = memoryGib.map(
    (gib, id): NumaNode => ({
      id,
      cpus: cpus.filter(({ node }) => node === id).map((cpu) => cpu.id),
      memoryBytes: gib * GIB,
      hugepages: new Map([[GIB, { total: pages, free: pages }]]),
    }),
  );
  return {
    pci: {
      devices: new Map(),
      hasIommu: true,
      hasInterruptRemapping: true,
      hasVfioPci: true,
      cpuVendor: 'intel',
      iommuAddressBits: undefined,
      physicalAddressBits: undefined,
      kernelCommandLine: '',
    },
    buses: new Map(),
    names: noNames,
    cpus,
    numa: { nodes },
    memoryBytes: memoryGib.reduce((sum, gib) => sum + gib, 0) * GIB,
    availableBytes: undefined,
  };
}

function gpusOn(...nodes: readonly (number | undefined)[]): readonly Candidate[] {
  return nodes.map((numaNode, at) => [pciDevice({ address: `0000:0${at}:00.0`, numaNode })]);
}

function partsOf(chosen: readonly Candidate[], shape: Shape) {
  return [...split(chosen, inventory(shape)).parts.values()];
}

const twoNodes: Shape = { cores: [32, 32], memoryGib: [512, 512] };

test('the GPUs of a node share its whole cores and GiB in equal parts', () => {
  const chosen = gpusOn(0, 0, 0, 1);
  expect(partsOf(chosen, twoNodes)).toEqual([
    { memoryGib: 162, cpus: 20 },
    { memoryGib: 162, cpus: 20 },
    { memoryGib: 162, cpus: 20 },
    { memoryGib: 486, cpus: 60 },
  ]);
  expect(split(chosen, inventory(twoNodes)).shares).toMatchObject([
    { node: 0, gpuCount: 3, cpuCount: 64, runtimeCpus: 60, memoryGib: 512, runtimeMemoryGib: 486 },
    { node: 1, gpuCount: 1, cpuCount: 64, runtimeCpus: 60, memoryGib: 512, runtimeMemoryGib: 486 },
  ]);
});

test('a sixteenth of the cores and a twentieth of the memory stay with the host, at least one and 4 GiB', () => {
  expect(partsOf(gpusOn(0), { cores: [64], memoryGib: [2000] })).toEqual([
    { memoryGib: 1900, cpus: 120 },
  ]);
  expect(partsOf(gpusOn(0), { cores: [4], memoryGib: [16] })).toEqual([{ memoryGib: 12, cpus: 6 }]);
});

test('a host of one core gives it', () => {
  expect(partsOf(gpusOn(0), { cores: [1], memoryGib: [8] })).toEqual([{ memoryGib: 4, cpus: 2 }]);
});

test('a GPU whose node is not known goes where there is most for it, and none is forgotten', () => {
  expect(partsOf(gpusOn(0, undefined), twoNodes)).toEqual([
    { memoryGib: 486, cpus: 60 },
    { memoryGib: 486, cpus: 60 },
  ]);
  expect(partsOf(gpusOn(7), twoNodes)).toHaveLength(1);
});

test('cards that go together get a part for each GPU', () => {
  const pair = [...gpusOn(0, 0)].flat();
  const single = [pciDevice({ address: '0000:09:00.0', numaNode: 0 })];
  expect(partsOf([pair, single], twoNodes)).toEqual([
    { memoryGib: 324, cpus: 40 },
    { memoryGib: 162, cpus: 20 },
  ]);
});

test('cards on two nodes take the same from each, as they are placed', () => {
  const across = [...gpusOn(0, 1)].flat();
  const other = [pciDevice({ address: '0000:09:00.0', numaNode: 1 })];
  expect(partsOf([across, other], twoNodes)).toEqual([
    { memoryGib: 486, cpus: 60 },
    { memoryGib: 243, cpus: 30 },
  ]);
});

test('pages that are reserved already are counted out', () => {
  const shape = { cores: [32], memoryGib: [512], pages: 200 };
  expect(partsOf(gpusOn(0), shape)).toEqual([{ memoryGib: 296, cpus: 60 }]);
  expect(wholeHost(inventory(shape)).part).toEqual({ memoryGib: 296, cpus: 60 });
});

test('where most memory is reserved as pages, these are what is shared', () => {
  const shape = { cores: [32], memoryGib: [512], pages: 400 };
  expect(partsOf(gpusOn(0, 0), shape)).toEqual([
    { memoryGib: 200, cpus: 30 },
    { memoryGib: 200, cpus: 30 },
  ]);
  const full = { cores: [32, 32], memoryGib: [1024, 1024], pages: 1020 };
  expect(partsOf(gpusOn(0, 1), full).map(({ memoryGib }) => memoryGib)).toEqual([972, 972]);
});

test('GPUs for which nothing is left get nothing, the last ones first', () => {
  const chosen = gpusOn(0, 0, 0);
  const { parts, tooMany } = split(chosen, inventory({ cores: [3], memoryGib: [64] }));
  expect([...parts.values()]).toEqual([
    { memoryGib: 30, cpus: 2 },
    { memoryGib: 30, cpus: 2 },
  ]);
  expect(tooMany).toEqual([chosen[2]]);
  expect(split(chosen, inventory({ cores: [8], memoryGib: [4] })).tooMany).toEqual(chosen);
});

test('a node without memory gives no part, whatever its CPUs', () => {
  const chosen = gpusOn(1);
  expect(split(chosen, inventory({ cores: [8, 8], memoryGib: [64, 0] })).tooMany).toEqual(chosen);
});

test('a node without memory takes nothing from the GPUs of another one', () => {
  const chosen = gpusOn(0, 0, 1, 1);
  const { parts, tooMany } = split(chosen, inventory({ cores: [32, 32], memoryGib: [0, 512] }));
  expect(tooMany).toEqual(chosen.slice(0, 2));
  expect([...parts.values()]).toEqual([
    { memoryGib: 243, cpus: 30 },
    { memoryGib: 243, cpus: 30 },
  ]);
});

test('a GPU whose node is not known goes to no node of memory alone', () => {
  expect(partsOf(gpusOn(undefined), { cores: [32, 0], memoryGib: [512, 4096] })).toEqual([
    { memoryGib: 486, cpus: 60 },
  ]);
});

test('cores of one thread and of two give parts of the smaller ones', () => {
  const base = inventory({ cores: [8], memoryGib: [64] });
  const efficient = Array.from({ length: 8 }, (_, at) => ({
    id: 100 + at,
    socket: 0,
    core: `e${at}`,
  }));
  const hybrid = { ...base, cpus: [...base.cpus, ...efficient] };
  expect([...split(gpusOn(0), hybrid).parts.values()]).toEqual([{ memoryGib: 60, cpus: 15 }]);
});
