import { quoted } from '../../config/show-value.ts';
import { segmentCount, zones } from '../facts-of.ts';
import { flaw, type Part, partRules, parts, repeatFlaws, vmRule } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';
import type { NumaConfig, VmConfig } from '../vm-config.gen.ts';

const LOCAL_DISTANCE = 10;

const node = partRules(nodes);

/** The NUMA nodes of the guest. */
export const numaRules: readonly VmRule[] = [
  node(
    'C-NUM-1',
    ({ device_id }) => device_id === '' && flaw('device_id', 'empty', 'name a device'),
  ),
  node('C-NUM-2', ({ cpus }) => cpus?.length === 0 && flaw('cpus', 'empty', 'leave it out')),
  node(
    'C-NUM-3',
    ({ cpus, memory_zones }) =>
      cpus === undefined &&
      memory_zones?.length === 0 &&
      flaw('memory_zones', 'empty', 'name a zone of memory.zones'),
  ),
  node(
    'C-NUM-4',
    ({ device_id, cpus, memory_zones }) =>
      device_id !== undefined &&
      (cpus !== undefined || memory_zones !== undefined) &&
      flaw('device_id', 'given beside `cpus` or `memory_zones`', 'make it a node of its own'),
  ),
  node(
    'C-NUM-5',
    ({ device_id, cpus, memory_zones }) =>
      device_id === undefined &&
      cpus === undefined &&
      memory_zones === undefined &&
      flaw(
        '',
        'the node has neither `cpus` nor `memory_zones` nor `device_id`',
        'give one of them',
      ),
  ),
  vmRule('C-NUM-6', (vm) =>
    repeatFlaws(listed(vm, 'memory_zones'), (id) => id, '', 'list each zone in one node'),
  ),
  node('C-NUM-7', ({ pci_segments = [] }, vm) =>
    pci_segments.flatMap((segment, index) =>
      segment < segmentCount(vm)
        ? []
        : [
            flaw(
              `pci_segments/${index}`,
              `${segment}; the VM has ${segmentCount(vm)} PCI segments, from 0 on`,
              'raise platform.num_pci_segments',
            ),
          ],
    ),
  ),
  node('C-NUM-8', ({ guest_numa_id, pci_segments = [] }) => {
    const index = pci_segments.indexOf(0);
    return (
      index >= 0 &&
      guest_numa_id !== 0 &&
      flaw(`pci_segments/${index}`, `0 on node ${guest_numa_id}`, 'segment 0 belongs to node 0')
    );
  }),
  vmRule('C-NUM-9', (vm) =>
    repeatFlaws(listed(vm, 'pci_segments'), (id) => id, '', 'list each segment in one node'),
  ),
  vmRule('R-NUM-1', (vm) =>
    repeatFlaws(
      nodes(vm),
      (value) => value.guest_numa_id,
      'guest_numa_id',
      'give each node its own number',
    ),
  ),
  node('R-NUM-2', ({ memory_zones = [] }, vm) =>
    memory_zones.flatMap((id, index) =>
      zones(vm).some(({ value }) => value.id === id)
        ? []
        : [flaw(`memory_zones/${index}`, `there is no zone ${quoted(id)}`, 'see memory.zones')],
    ),
  ),
  node('R-NUM-3', ({ distances = [] }, vm) =>
    distances.flatMap(({ destination = 0 }, index) =>
      nodes(vm).some(({ value }) => value.guest_numa_id === destination)
        ? []
        : [
            flaw(
              `distances/${index}/destination`,
              `there is no node ${destination}`,
              'leave it out',
            ),
          ],
    ),
  ),
  vmRule('R-NUM-4', (vm) =>
    nodes(vm).flatMap(({ at, value }) =>
      repeatFlaws(
        parts(`${at}/distances`, value.distances),
        ({ destination = 0 }) => destination,
        'destination',
        'give one distance to each node',
      ),
    ),
  ),
  node(
    'R-NUM-5',
    ({ guest_numa_id, distances = [] }) =>
      distances.flatMap(({ destination = 0, distance = 0 }, index) =>
        destination === guest_numa_id && distance !== LOCAL_DISTANCE
          ? [flaw(`distances/${index}/distance`, `${distance} to itself has no effect`, 'use 10')]
          : [],
      ),
    'warning',
  ),
];

function nodes(vm: VmConfig): readonly Part<NumaConfig>[] {
  return parts('/numa', vm.numa);
}

function listed<Key extends 'memory_zones' | 'pci_segments'>(
  vm: VmConfig,
  key: Key,
): readonly Part<string | number>[] {
  return nodes(vm).flatMap(({ at, value }) => parts<string | number>(`${at}/${key}`, value[key]));
}
