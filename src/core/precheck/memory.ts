import { counted } from '../counted.ts';
import { LEAST_HOST_GIB } from '../init/shares.ts';
import { gib } from '../preflight/check.ts';
import type { Check } from './check.ts';
import { listed, type PrecheckView, wantedDevices } from './view.ts';

/** Memory, hugepages and NUMA nodes. Whether the runtimes fit is said by preflight. */
export function memoryHostChecks(view: PrecheckView): readonly Check[] {
  return [...memory(view), ...hugepages(view), ...nodes(view)];
}

/** With less `vllmd init` has nothing to propose: a VM has at least 1 GiB. */
const LEAST_BYTES = (LEAST_HOST_GIB + 1) * 2 ** 30;

function memory({ facts, machine, config }: PrecheckView): readonly Check[] {
  const base = { id: 'memory-size', subsystem: 'memory' } as const;
  if (facts.memoryBytes === undefined) {
    return [
      { ...base, verdict: 'warn', message: '/proc/meminfo does not say how much memory there is' },
    ];
  }
  const free =
    machine.availableBytes === undefined ? '' : `, ${gib(machine.availableBytes)} available now`;
  const found = `${gib(facts.memoryBytes)}${free}`;
  // Whether the runtimes of a config fit is said by preflight.
  if (config.kind !== 'valid' && facts.memoryBytes < LEAST_BYTES) {
    const message = `${found}: the host keeps ${gib(LEAST_HOST_GIB * 2 ** 30)} for itself, and too little for a VM is left`;
    const remedy = [
      'add memory: a VM needs some for its system, and for a model on its way to the GPU',
    ];
    return [{ ...base, verdict: 'fail', message, remedy }];
  }
  const message = `${found}; all memory of a VM with a GPU is pinned`;
  return [{ ...base, verdict: 'pass', message }];
}

function hugepages({ facts, desired, machine, config }: PrecheckView): readonly Check[] {
  const base = { id: 'hugepages-found', subsystem: 'memory' } as const;
  const reserved = facts.numa.nodes.flatMap(({ id, hugepages: sizes }) =>
    [...sizes]
      .filter(([, { total }]) => total > 0)
      .map(([size, { total, free }]) => `node ${id}: ${total} of ${name(size)}, ${free} free`),
  );
  if (reserved.length > 0) {
    return [{ ...base, verdict: 'pass', message: `hugepages reserved: ${reserved.join('; ')}` }];
  }
  if (config.kind === 'valid' && desired.memory.hugepageBytes > 0) {
    const message = `the config wants pages of ${name(desired.memory.hugepageBytes)}, and none is reserved yet: vllmd-hugepages.service does that`;
    return [{ ...base, verdict: 'info', message }];
  }
  const canGigantic = machine.cpuFlags.has('pdpe1gb') ? '"2M" or "1G"' : '"2M"';
  const message = `no hugepages are reserved; memory.hugepages = ${canGigantic} makes large guests start faster`;
  return [{ ...base, verdict: 'info', message }];
}

function name(bytes: number): string {
  return bytes >= 2 ** 30 ? `${bytes / 2 ** 30} GiB` : `${bytes / 2 ** 20} MiB`;
}

function nodes(view: PrecheckView): readonly Check[] {
  const base = { id: 'numa-nodes', subsystem: 'memory' } as const;
  const { nodes: all } = view.facts.numa;
  if (all.length < 2) {
    const count = all.length === 0 ? 'no NUMA nodes' : 'one NUMA node';
    return [{ ...base, verdict: 'pass', message: `${count}: all memory is near` }];
  }
  const devices = wantedDevices(view);
  const lost = devices.filter(({ numaNode }) => numaNode === undefined);
  if (lost.length > 0 && view.facts.pci !== undefined) {
    return [
      {
        ...base,
        verdict: 'warn',
        message: `the firmware does not say on which of ${all.length} NUMA nodes ${listed(lost.map(({ address }) => address))} ${lost.length === 1 ? 'is' : 'are'}: memory of their VMs may be far`,
        remedy: [
          'update the firmware, and look for NUMA, NPS (nodes per socket) or SNC there: its tables (_PXM) name the node of each root port',
        ],
      },
    ];
  }
  const counts = all.map(({ id, memoryBytes }) => {
    const near = devices.filter(({ numaNode }) => numaNode === id).length;
    return `node ${id} ${gib(memoryBytes)}${devices.length === 0 ? '' : ` with ${counted(near, 'device')}`}`;
  });
  return [{ ...base, verdict: 'pass', message: `${all.length} NUMA nodes: ${counts.join(', ')}` }];
}
