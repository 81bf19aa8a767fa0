import { pciDevices, segmentCount } from '../facts-of.ts';
import { flaw, part, partRules, parts, repeatFlaws, vmRule } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';
import type { VmConfig } from '../vm-config.gen.ts';

const SLOTS = 32;

/** Slot 0 of segment 0 is the host bridge. */
const FREE_SLOTS = SLOTS - 1;

const MAX_SEGMENTS = 96;
const MAX_ADDRESS_BITS = 64;

const device = partRules(pciDevices);
const platform = partRules((vm) => part('/platform', vm.platform));
const segment = partRules((vm) => parts('/pci_segments', vm.pci_segments));
const withoutIommu = partRules((vm) => [
  ...parts('/fs', vm.fs),
  ...parts('/user_devices', vm.user_devices),
]);

/** Slots and segments. */
export const pciRules: readonly VmRule[] = [
  device('C-PCI-1', ({ pci_segment = 0 }, vm) => badSegment('pci_segment', pci_segment, vm)),
  device(
    'C-PCI-2',
    ({ pci_segment = 0, iommu }, vm) =>
      isIommuSegment(pci_segment, vm) &&
      iommu !== true &&
      flaw(
        'pci_segment',
        `${pci_segment} is in platform.iommu_segments, but the device is not behind the IOMMU`,
        'put the device on another segment',
      ),
  ),
  device(
    'C-PCI-3',
    ({ pci_device_id = 1 }) =>
      pci_device_id >= SLOTS &&
      flaw('pci_device_id', `${pci_device_id}; a segment has slots 0 to 31`, 'use 1 to 31'),
  ),
  device('C-PCI-4', ({ pci_device_id, pci_segment = 0 }, _vm, { version }) => {
    const isReserved = pci_segment === 0 || (version?.major ?? 0) < 54;
    return (
      pci_device_id === 0 &&
      isReserved &&
      flaw('pci_device_id', '0 is the slot of the host bridge', 'use 1 to 31')
    );
  }),
  withoutIommu(
    'C-PCI-5',
    ({ pci_segment = 0 }, vm, { version }) =>
      version?.major === 51 &&
      isIommuSegment(pci_segment, vm) &&
      flaw(
        'pci_segment',
        `${pci_segment} is in platform.iommu_segments, where cloud-hypervisor 51 takes no such device`,
        'put the device on another segment',
      ),
  ),
  platform('C-PLT-1', ({ num_pci_segments = 1 }) => {
    const isFine = num_pci_segments >= 1 && num_pci_segments <= MAX_SEGMENTS;
    return !isFine && flaw('num_pci_segments', `${num_pci_segments}; 1 to 96 work`, 'use 1');
  }),
  platform('C-PLT-2', ({ iommu_segments = [] }, vm) =>
    iommu_segments.flatMap((number, index) => badSegment(`iommu_segments/${index}`, number, vm)),
  ),
  platform(
    'C-PLT-3',
    ({ iommu_address_width_bits: bits = MAX_ADDRESS_BITS }) =>
      bits > MAX_ADDRESS_BITS &&
      flaw('iommu_address_width_bits', `${bits} bits; at most 64 work`, 'leave it out'),
  ),
  platform(
    'C-PLT-4',
    ({ iommufd_fd, iommufd }) =>
      iommufd_fd !== undefined &&
      iommufd !== true &&
      flaw('iommufd_fd', 'given, but `iommufd` is off', 'leave it out'),
  ),
  segment('C-SEG-1', ({ pci_segment = 0 }, vm) => badSegment('pci_segment', pci_segment, vm)),
  segment(
    'C-SEG-2',
    ({ mmio32_aperture_weight: weight }) =>
      weight === 0 && flaw('mmio32_aperture_weight', '0 leaves no address space', 'use 1 or more'),
  ),
  segment(
    'C-SEG-3',
    ({ mmio64_aperture_weight: weight }) =>
      weight === 0 && flaw('mmio64_aperture_weight', '0 leaves no address space', 'use 1 or more'),
  ),
  vmRule('R-PCI-1', (vm) =>
    repeatFlaws(
      pciDevices(vm),
      ({ pci_device_id: slot, pci_segment = 0 }) =>
        slot === undefined ? undefined : `segment ${pci_segment}, slot ${slot}`,
      'pci_device_id',
      'give each device of a segment its own slot, or leave pci_device_id out',
    ),
  ),
  vmRule('R-PCI-2', (vm) => {
    const count = devicesOnSegment0(vm);
    return (
      count > FREE_SLOTS &&
      flaw('', `${count} devices on PCI segment 0, which has 31 slots`, 'use more PCI segments')
    );
  }),
];

function badSegment(key: string, segment: number, vm: VmConfig) {
  const count = segmentCount(vm);
  if (segment < count) return [];
  const range = count === 1 ? 'segment 0 only' : `segments 0 to ${count - 1}`;
  return [flaw(key, `${segment}; the VM has ${range}`, 'raise platform.num_pci_segments')];
}

function isIommuSegment(segment: number, vm: VmConfig): boolean {
  return vm.platform?.iommu_segments?.includes(segment) === true;
}

/** With the devices that are there although no object of the definition names them. */
function devicesOnSegment0(vm: VmConfig): number {
  const named = pciDevices(vm).filter(({ value }) => (value.pci_segment ?? 0) === 0).length;
  const extra = [
    vm.rng === undefined,
    vm.console === undefined,
    vm.watchdog,
    vm.pvpanic,
    pciDevices(vm).some(({ value }) => value.iommu),
  ].filter((isThere) => isThere).length;
  const isConsoleOff = vm.console?.mode === 'Off' && (vm.console.pci_segment ?? 0) === 0;
  return named + extra - (isConsoleOff ? 1 : 0);
}
