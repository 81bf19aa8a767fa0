import { canonicalPciAddress } from '../../config/pci-address.ts';
import { quoted } from '../../config/show-value.ts';
import {
  hasVfio,
  isPeerToPeer,
  lastName,
  maxPhysBits,
  ramBytes,
  vfioDevices,
} from '../facts-of.ts';
import { type Flaw, flaw, partRules, parts, vmRule } from '../make-rule.ts';
import type { IommuGroupProbe, VmProbe } from '../probe.ts';
import type { VmContext, VmRule } from '../rule.ts';
import type { VmConfig } from '../vm-config.gen.ts';

type GroupUse = {
  readonly at: string;
  readonly number: number;
  readonly group: IommuGroupProbe;
};

const BRIDGE_CLASS = 0x06_04;
const NVIDIA = '10de';

const MEDIATED = 'is a mediated device (vGPU), which cloud-hypervisor cannot use';

/** The name of a mediated device. */
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Why cloud-hypervisor cannot run them, by NVIDIA device id. */
const NEED_ROOT_PORT = new Map([
  ['2901', 'B200'],
  ['3182', 'B300'],
]);
const NEED_IDENTITY_BARS = new Map([
  ['2941', 'GB200'],
  ['31c2', 'GB300'],
]);

const device = partRules((vm) => parts('/devices', vm.devices));

/** Host PCI devices, as they are on the host. */
export const vfioRules: readonly VmRule[] = [
  vmRule('R-VFIO-1', (vm, { probe }) =>
    groupUses(vm, probe).flatMap(({ at, number, group }) => {
      const bound = foreignDrivers(group);
      return bound.length === 0
        ? []
        : flaw(
            `${at}/path`,
            `IOMMU group ${number} is not free: ${bound.join(', ')}`,
            'bind every device of the group to vfio-pci, or to no driver',
          );
    }),
  ),
  vmRule('R-VFIO-2', (vm, { probe }) =>
    groupUses(vm, probe).flatMap(({ at, number, group }) =>
      group.isInUse
        ? flaw(
            `${at}/path`,
            `another process uses IOMMU group ${number}`,
            `find it with \`lsof /dev/vfio/${number}\`; one VM at most can have a group`,
          )
        : [],
    ),
  ),
  vmRule('R-VFIO-3', (vm, { probe: { memlockLimitBytes } }) => {
    const needed = ramBytes(vm) * Math.max(1, iommuDevices(vm));
    return (
      hasVfio(vm) &&
      memlockLimitBytes !== undefined &&
      memlockLimitBytes < needed &&
      flaw(
        'devices',
        `host devices pin ${needed} bytes of RAM, but the unit may lock ${memlockLimitBytes}`,
        'set LimitMEMLOCK=infinity in the unit',
      )
    );
  }),
  vmRule('R-VFIO-6', (vm, { probe }) => {
    const guestBits = Math.min(probe.physicalAddressBits ?? 0, maxPhysBits(vm));
    return (
      hasVfio(vm) &&
      isPeerToPeer(vm) &&
      probe.iommuAddressBits !== undefined &&
      probe.iommuAddressBits < guestBits &&
      flaw(
        'cpus/max_phys_bits',
        `the guest sees ${guestBits} address bits, the IOMMU of the host has ${probe.iommuAddressBits}`,
        `set it to ${probe.iommuAddressBits}, or platform.vfio_p2p_dma to false`,
      )
    );
  }),
  vmRule('R-VFIO-8', (vm, { probe }) =>
    groupUses(vm, probe).flatMap(({ at, number, group }) => nodeFlaws(at, number, group)),
  ),
  device('R-VFIO-9', ({ path = '' }, _vm, context) => {
    const reason = isMediated(path) ? MEDIATED : unsuitable(path, context);
    return (
      reason !== undefined &&
      flaw('path', `${quoted(path)} ${reason}`, 'give this VM another device')
    );
  }),
];

/** Each group once, at the first device that is in it; `at` is without its first slash. */
function groupUses(vm: VmConfig, probe: VmProbe): readonly GroupUse[] {
  const first = new Map<number, GroupUse>();
  for (const { at, address } of vfioDevices(vm)) {
    const number = probe.pciDevices?.get(address)?.iommuGroup;
    const group = number === undefined ? undefined : probe.iommuGroups?.get(number);
    if (number === undefined || group === undefined || first.has(number)) continue;
    first.set(number, { at: at.slice(1), number, group });
  }
  return [...first.values()];
}

function foreignDrivers({ members }: IommuGroupProbe): readonly string[] {
  return members
    .filter(({ driver, classCode }) => isEndpoint(classCode) && !isVfioDriver(driver))
    .map(({ address, driver }) => `${address} is bound to ${driver}`);
}

function isVfioDriver(driver: string | undefined): boolean {
  return driver === undefined || driver === 'vfio-pci';
}

function isEndpoint(classCode: number): boolean {
  return classCode >> 8 !== BRIDGE_CLASS;
}

function iommuDevices(vm: VmConfig): number {
  return (vm.devices ?? []).filter(({ iommu }) => iommu).length;
}

function nodeFlaws(at: string, number: number, group: IommuGroupProbe): readonly Flaw[] {
  const node = `/dev/vfio/${number}`;
  return [
    ...(group.isNodeAccessible === false
      ? [
          flaw(
            `${at}/path`,
            `the account of the VM cannot open ${node}`,
            `look at \`ls -l ${node}\``,
          ),
        ]
      : []),
    ...(group.isNodeAllowed === false
      ? [flaw(`${at}/path`, `the unit keeps ${node} out`, `add DeviceAllow=${node} rw to the unit`)]
      : []),
  ];
}

function isMediated(path: string): boolean {
  return path.startsWith('/sys/bus/mdev/') || UUID.test(lastName(path));
}

function unsuitable(path: string, { probe, version }: VmContext): string | undefined {
  const device = probe.pciDevices?.get(canonicalPciAddress(lastName(path)) ?? '');
  if (device?.vendorId !== NVIDIA) return undefined;
  const { deviceId = '', hasMsix } = device;
  const rooted = NEED_ROOT_PORT.get(deviceId);
  if (rooted !== undefined) return `is a ${rooted}, which needs a root port that no VM has`;
  const identity = NEED_IDENTITY_BARS.get(deviceId);
  if (identity !== undefined && version !== undefined && version.major < 54) {
    return `is a ${identity}, which works from cloud-hypervisor 54 on`;
  }
  return hasMsix === false ? 'has MSI but no MSI-X, which cloud-hypervisor needs' : undefined;
}
