import { isPowerOf2, usesOtherProcess, zones } from '../facts-of.ts';
import { flaw, type Part, part, partRules, repeatFlaws, vmRule } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';
import type { MemoryConfig, MemoryZoneConfig, VmConfig } from '../vm-config.gen.ts';

type Ram = MemoryConfig | MemoryZoneConfig;

const PAGE_BYTES = 4096;

const memory = partRules((vm) => part('/memory', vm.memory));
const zone = partRules(zones);
const any = partRules((vm): readonly Part<Ram>[] => [
  ...part<Ram>('/memory', vm.memory),
  ...zones(vm),
]);

/** RAM and its zones. */
export const memoryRules: readonly VmRule[] = [
  memory('C-MEM-1', sizeWithoutHugepages),
  memory('C-MEM-2', oddHugepageSize),
  memory('C-MEM-3', sharedAndMergeable),
  zone('C-ZON-1', sizeWithoutHugepages),
  zone('C-ZON-2', oddHugepageSize),
  zone('C-ZON-3', sharedAndMergeable),
  memory(
    'R-MEM-1',
    (value) =>
      value.size === 0 &&
      !hasZones(value) &&
      flaw('size', '0, and there are no zones', 'give the bytes of RAM'),
  ),
  memory(
    'R-MEM-2',
    ({ size, zones: list }) =>
      size !== 0 &&
      list !== undefined &&
      flaw('size', `${size}, but the zones are the RAM`, 'set it to 0, or leave the zones out'),
  ),
  memory(
    'R-MEM-3',
    (value, vm) =>
      value.size === 0 &&
      !hasZones(value) &&
      usesOtherProcess(vm) &&
      flaw(
        'size',
        '0 without zones, but another process must map the RAM',
        'give the bytes of RAM',
      ),
  ),
  any('R-MEM-4', ({ size, hugepages, hugepage_size }) => {
    const page = hugepages && hugepage_size ? hugepage_size : PAGE_BYTES;
    return (
      size % page !== 0 &&
      flaw('size', `${size} is no multiple of the page size, ${page}`, 'round it up')
    );
  }),
  vmRule('R-MEM-5', (vm) =>
    repeatFlaws(zones(vm), ({ id }) => id, 'id', 'give each zone its own id'),
  ),
  zone(
    'R-MEM-6',
    ({ file, shared, host_numa_node }) =>
      file !== undefined &&
      shared &&
      host_numa_node !== undefined &&
      flaw(
        'host_numa_node',
        `${host_numa_node}, but a shared zone with a file has no node`,
        'leave `file` or `shared` out',
      ),
  ),
  zone(
    'R-MEM-7',
    ({ hotplug_size }, vm) =>
      hotplug_size !== undefined &&
      isAcpi(vm) &&
      flaw(
        'hotplug_size',
        'zones grow with VirtioMem only',
        'set memory.hotplug_method to "VirtioMem"',
      ),
  ),
  any('R-MEM-8', ({ hotplugged_size, hotplug_size }, vm) => {
    if (hotplugged_size === undefined) return [];
    const fault = hotpluggedFault(hotplugged_size, hotplug_size, vm);
    return fault === undefined
      ? []
      : flaw('hotplugged_size', `${hotplugged_size} ${fault}`, 'leave it out');
  }),
];

function sizeWithoutHugepages({ hugepage_size, hugepages }: Ram) {
  return (
    hugepage_size !== undefined &&
    hugepages !== true &&
    flaw('hugepage_size', `${hugepage_size}, but \`hugepages\` is off`, 'set `hugepages`')
  );
}

function oddHugepageSize({ hugepage_size }: Ram) {
  return (
    hugepage_size !== undefined &&
    !isPowerOf2(hugepage_size) &&
    flaw('hugepage_size', `${hugepage_size} is not a power of 2`, 'use 2097152 or 1073741824')
  );
}

function sharedAndMergeable({ shared, mergeable }: Ram) {
  return shared && mergeable && flaw('mergeable', 'true, but the memory is shared', 'leave it out');
}

function hasZones({ zones: list }: MemoryConfig): boolean {
  return list !== undefined && list.length > 0;
}

function isAcpi({ memory: ram }: VmConfig): boolean {
  return (ram?.hotplug_method ?? 'Acpi') === 'Acpi';
}

function hotpluggedFault(size: number, most: number | undefined, vm: VmConfig): string | undefined {
  if (most === undefined) return 'without `hotplug_size`';
  if (size > most) return `is more than the hotplug_size, ${most}`;
  return isAcpi(vm) ? 'works with hotplug_method "VirtioMem" only' : undefined;
}
