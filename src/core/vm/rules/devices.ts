import { canonicalPciAddress, isPciAddress } from '../../config/pci-address.ts';
import { quoted } from '../../config/show-value.ts';
import { hasVfio, isPeerToPeer, lastName } from '../facts-of.ts';
import { type Flaw, flaw, partRules, parts, repeatFlaws, vmRule } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';
import type { VmConfig } from '../vm-config.gen.ts';

const MAX_BAR = 5;

/** The capability has four bits for it. */
const MAX_CLIQUE = 15;

const device = partRules((vm) => parts('/devices', vm.devices));

/** Host PCI devices, as far as the definition alone tells. */
export const deviceRules: readonly VmRule[] = [
  vmRule('C-DEV-1', (vm) =>
    repeatFlaws(parts('/devices', vm.devices), ({ path }) => path, 'path', 'name each device once'),
  ),
  device(
    'C-DEV-2',
    ({ path, fd }) =>
      path === undefined &&
      fd === undefined &&
      flaw('path', 'missing', 'give /sys/bus/pci/devices/<address>'),
  ),
  device(
    'C-DEV-3',
    ({ path, fd }) =>
      path !== undefined && fd !== undefined && flaw('fd', 'given beside `path`', 'leave it out'),
  ),
  device(
    'C-DEV-4',
    ({ fd }, { platform }) =>
      fd !== undefined &&
      platform?.iommufd_fd === undefined &&
      flaw('fd', 'given without platform.iommufd_fd', 'use `path`'),
  ),
  device(
    'C-DEV-5',
    ({ x_nv_gpudirect_clique: clique }, vm) =>
      clique !== undefined &&
      !isPeerToPeer(vm) &&
      flaw(
        'x_nv_gpudirect_clique',
        `${clique}, but platform.vfio_p2p_dma is off`,
        'switch vfio_p2p_dma on, or leave the clique out',
      ),
  ),
  device('C-DEV-6', ({ x_exclude_mmap_bars = [] }) =>
    x_exclude_mmap_bars.flatMap((bar, index) =>
      bar <= MAX_BAR
        ? []
        : [flaw(`x_exclude_mmap_bars/${index}`, `${bar}; a device has BARs 0 to 5`, 'use 0 to 5')],
    ),
  ),
  vmRule('R-VFIO-4', (vm, { probe: { kernel } }) => {
    const isMappable = kernel !== undefined && isAtLeast619(kernel);
    return (
      vm.platform?.iommufd === true &&
      isPeerToPeer(vm) &&
      !isMappable &&
      flaw(
        'platform/iommufd',
        'true with vfio_p2p_dma on: kernels before 6.19 cannot boot such a VM',
        'leave iommufd out',
      )
    );
  }),
  device(
    'R-VFIO-5',
    ({ x_nv_gpudirect_clique: clique = 0 }) =>
      clique > MAX_CLIQUE &&
      flaw('x_nv_gpudirect_clique', `${clique}; the guest sees 0 to 15 only`, 'use 0 to 15'),
  ),
  device('R-VFIO-7', ({ path = '' }) => {
    const wanted = canonicalSpelling(path);
    return (
      wanted !== undefined &&
      flaw('path', `${quoted(path)} is not spelled canonically`, `write ${wanted}`)
    );
  }),
  vmRule('R-VFIO-10', (vm) => (hasVfio(vm) ? pinnedFlaws(vm) : [])),
];

function isAtLeast619({ major, minor }: { readonly major: number; readonly minor: number }) {
  return major > 6 || (major === 6 && minor >= 19);
}

/** Undefined when the path is canonical already, or names no PCI address. */
function canonicalSpelling(path: string): string | undefined {
  const name = lastName(path);
  const address = canonicalPciAddress(name);
  if (address === undefined) return undefined;
  const isCanonical = isPciAddress(name) && !path.endsWith('/') && !path.includes('//');
  return isCanonical ? undefined : `/sys/bus/pci/devices/${address}`;
}

const PINNED = 'leave it out: VFIO pins all RAM of the VM';

function pinnedFlaws({ balloon, memory }: VmConfig): readonly Flaw[] {
  const inZones = (memory?.zones ?? []).flatMap(({ mergeable }, index) =>
    mergeable ? [`memory/zones/${index}/mergeable`] : [],
  );
  const keys = [
    ...(balloon === undefined ? [] : ['balloon']),
    ...(balloon?.free_page_reporting ? ['balloon/free_page_reporting'] : []),
    ...(memory?.mergeable ? ['memory/mergeable'] : []),
    ...inZones,
  ];
  return keys.map((key) => flaw(key, 'has no use in a VM with host devices', PINNED));
}
