import { isPciAddress } from '../../config/pci-address.ts';
import { quoted } from '../../config/show-value.ts';
import { identified, isPeerToPeer, pciDevices, zones } from '../facts-of.ts';
import { isPathKey } from '../key-kinds.ts';
import { type Flaw, flaw, type Part, part, partRules, parts, vmRule } from '../make-rule.ts';
import type { VmRule } from '../rule.ts';
import { isOlder, RECOMMENDED } from '../version.ts';
import {
  buildKeys,
  type MemoryConfig,
  type MemoryZoneConfig,
  type VmConfig,
} from '../vm-config.gen.ts';
import { walkKeys } from '../walk-keys.ts';

const SYSFS = '/sys/bus/pci/devices/';
const PLAIN_PATH = /^[A-Za-z0-9/._:@+=-]+$/;
const builds: ReadonlyMap<string, string> = new Map(Object.entries(buildKeys));
const RENAMED = { system_serial_number: 'serial_number', system_uuid: 'uuid' } as const;

const disk = partRules((vm) => parts('/disks', vm.disks));
const net = partRules((vm) => parts('/net', vm.net));
const device = partRules((vm) => parts('/devices', vm.devices));
const ram = partRules((vm): readonly Part<MemoryConfig | MemoryZoneConfig>[] => [
  ...part<MemoryConfig>('/memory', vm.memory),
  ...zones(vm),
]);

/** What vllmd itself demands of the definitions that it writes. */
export const policyRules: readonly VmRule[] = [
  disk(
    'G-1',
    ({ path, image_type }) =>
      path !== undefined &&
      image_type === undefined &&
      flaw('image_type', 'missing', 'always say the format, "Raw" for a raw image'),
  ),
  vmRule('G-2', (vm) =>
    (['serial', 'console'] as const)
      .filter((key) => vm[key]?.mode === undefined)
      .map((key) => flaw(`${key}/mode`, 'missing', 'always say the mode: the console has "Tty"')),
  ),
  vmRule('G-3', (vm) => [
    ...otherMode('serial', vm.serial?.mode, 'Tty'),
    ...otherMode('console', vm.console?.mode, 'Off'),
  ]),
  ram(
    'G-4',
    ({ hugepages, hugepage_size }) =>
      hugepages &&
      hugepage_size === undefined &&
      flaw('hugepage_size', 'missing beside `hugepages`', 'use 2097152 or 1073741824'),
  ),
  ram('G-5', ({ hugepages, reserve, prefault }, _vm, { version }) => {
    const mayReserve = version === undefined || !isOlder(version, RECOMMENDED);
    const mayPrefault = version === undefined || !mayReserve;
    const isSure = (mayReserve && reserve) || (mayPrefault && prefault);
    const key = mayReserve ? 'reserve' : 'prefault';
    return (
      hugepages &&
      !isSure &&
      flaw(key, 'off: too few hugepages would show only as a crash of the guest', 'set it to true')
    );
  }),
  partRules(identified)(
    'G-6',
    ({ id = '' }) =>
      id.startsWith('_') &&
      flaw('id', `${quoted(id)} starts with _, as ids that cloud-hypervisor makes do`, 'rename it'),
  ),
  device('G-7', ({ path }) => {
    if (path === undefined || isDevicePath(path)) return [];
    return flaw('path', `${quoted(path)} is not ${SYSFS}<address>`, `write ${SYSFS}0000:01:00.0`);
  }),
  vmRule('G-8', (vm) => [
    ...parts('disks', vm.disks).flatMap(({ at, value }) =>
      value.num_queues === 0 ? [flaw(`${at}/num_queues`, '0; at least 1 is needed', 'use 1')] : [],
    ),
    ...parts('net', vm.net).flatMap(({ at, value: { num_queues = 2 } }) =>
      num_queues % 2 === 1
        ? [flaw(`${at}/num_queues`, `${num_queues} is odd`, 'use 2 a pair')]
        : [],
    ),
  ]),
  vmRule('G-9', (vm) => [
    ...(vm.iommu === undefined
      ? []
      : [flaw('iommu', `${vm.iommu}; cloud-hypervisor computes it`, 'leave it out')]),
    ...pciDevices(vm).flatMap(({ at, value }) =>
      value.iommu
        ? [
            flaw(
              `${at.slice(1)}/iommu`,
              'true: it is slow and pins all RAM once more',
              'leave it out',
            ),
          ]
        : [],
    ),
  ]),
  vmRule('G-10', (vm) => [
    ...part('rng', vm.rng).flatMap(({ value }) => missing('rng/src', value.src)),
    ...parts('numa', vm.numa).flatMap(({ at, value }) =>
      missing(`${at}/guest_numa_id`, value.guest_numa_id),
    ),
  ]),
  net('G-11', ({ mac }) => missing('mac', mac)),
  vmRule('G-13', (vm) =>
    walkKeys(vm).flatMap(({ at, pattern }) => {
      const build = builds.get(pattern);
      return build === undefined ? [] : [flaw(at.slice(1), buildText(build), 'leave it out')];
    }),
  ),
  vmRule(
    'G-14',
    ({ landlock_enable }) =>
      landlock_enable !== undefined &&
      flaw(
        'landlock_enable',
        `${landlock_enable}; it breaks VFIO, and the unit is confined by systemd`,
        'leave it out',
      ),
  ),
  vmRule(
    'G-15',
    (vm) =>
      vm.platform?.iommufd === true &&
      isPeerToPeer(vm) &&
      flaw('platform/iommufd', 'true with vfio_p2p_dma on', 'leave iommufd out'),
  ),
  vmRule(
    'G-16',
    (vm) =>
      walkKeys(vm).flatMap(({ at, pattern, value }) =>
        isPathKey(pattern) && !PLAIN_PATH.test(String(value))
          ? [flaw(at.slice(1), `${quoted(String(value))} has unusual characters`, ONLY)]
          : [],
      ),
    'warning',
  ),
  vmRule('G-17', (vm, { version }) => {
    if (version !== undefined && !isOlder(version, RECOMMENDED)) return [];
    return renamedKeys(vm).map((key) =>
      flaw(`platform/${key}`, 'is lost before cloud-hypervisor 53', `use \`${RENAMED[key]}\``),
    );
  }),
];

const ONLY = 'letters, digits and / . _ : @ + = - are safe everywhere';

function buildText(build: string): string {
  return build === 'internal'
    ? 'is for tests of cloud-hypervisor only'
    : `is for builds with the feature ${build} only`;
}

function otherMode(key: string, mode: string | undefined, wanted: string): readonly Flaw[] {
  if (mode === undefined || mode === wanted) return [];
  const help = 'the serial port goes to the journal of the unit, the console is off';
  return [flaw(`${key}/mode`, `${quoted(mode)}; in a unit it is ${quoted(wanted)}`, help)];
}

function missing(key: string, value: unknown): readonly Flaw[] {
  return value === undefined ? [flaw(key, 'missing', 'always give it')] : [];
}

function isDevicePath(path: string): boolean {
  return path.startsWith(SYSFS) && isPciAddress(path.slice(SYSFS.length));
}

function renamedKeys({ platform }: VmConfig): readonly (keyof typeof RENAMED)[] {
  return (['system_serial_number', 'system_uuid'] as const).filter(
    (key) => platform?.[key] !== undefined,
  );
}
