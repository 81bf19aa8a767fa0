import { identityOf } from '../facts/device-pin.ts';
import { type PciDevice, type PciFacts, unreadDevice } from '../facts/pci.ts';
import type { Materials } from '../render/materials.ts';
import { fact } from './fact.ts';
import { nearDevices, wantedAddresses } from './near-devices.ts';
import type { Variable } from './variable.ts';

const DEVICES = '/sys/bus/pci/devices';

/** What the PCI devices are that the config names, and those that share a slot or an IOMMU group with one. */
export function deviceVariables(materials: Materials): readonly Variable[] {
  const { pci } = materials.facts;
  if (pci === undefined) return [];
  const wanted = wantedAddresses(materials);
  return [
    ...nearDevices(pci, wanted).flatMap((device) => ofDevice(materials, pci, device)),
    ...wanted
      .filter((address) => !pci.devices.has(address))
      .map((address) => ofMissing(materials, pci, address)),
    ...nodesOfRuntimes(materials, pci),
  ];
}

function withDevices(
  materials: Materials,
  pci: PciFacts,
  changed: readonly PciDevice[],
): Materials {
  const devices = new Map(pci.devices);
  for (const device of changed) devices.set(device.address, device);
  return { ...materials, facts: { ...materials.facts, pci: { ...pci, devices } } };
}

function ofDevice(materials: Materials, pci: PciFacts, device: PciDevice): readonly Variable[] {
  const { address, driver, driverOverride, iommuGroup, classCode, isVirtualFunction } = device;
  const otherGroups = [...new Set([...pci.devices.values()].map((other) => other.iommuGroup))]
    .filter((group) => group !== iommuGroup)
    .slice(0, MOST_GROUPS);
  const others = (list: readonly Partial<PciDevice>[]) => () =>
    list.map((more) => withDevices(materials, pci, [{ ...device, ...more }]));
  const attribute = (
    what: string,
    file: string,
    near: readonly Partial<PciDevice>[],
    far: readonly Partial<PciDevice>[] = [],
  ) =>
    fact(
      { name: address, what: `${address} ${what}`, where: `${DEVICES}/${address}/${file}` },
      others(near),
      others(far),
    );
  return [
    attribute(`is ${identityOf(device)}`, '{vendor,device,subsystem_vendor,subsystem_device}', [
      { vendor: 'ffff' },
      { device: 'ffff' },
      { subsystemVendor: 'ffff' },
      { subsystemDevice: 'ffff' },
    ]),
    attribute(`has ${driver === undefined ? 'no driver' : `the driver ${driver}`}`, 'driver', [
      { driver: undefined },
      { driver: 'explain' },
    ]),
    attribute(
      `has ${driverOverride === undefined ? 'no' : `the`} driver override${driverOverride === undefined ? '' : ` ${driverOverride}`}`,
      'driver_override',
      [{ driverOverride: undefined }, { driverOverride: 'explain' }],
    ),
    attribute(
      `is in ${iommuGroup === undefined ? 'no IOMMU group' : `IOMMU group ${iommuGroup}`}`,
      'iommu_group',
      [{ iommuGroup: undefined }, { iommuGroup: 'explain' }],
      // Each device of the host could be a member of any group.
      otherGroups.map((group) => ({ iommuGroup: group })),
    ),
    attribute(`has the class ${classCode}`, 'class', [
      { classCode: '060400' },
      { classCode: '060000' },
      { classCode: '030000' },
    ]),
    attribute(`is ${isVirtualFunction ? 'a' : 'no'} virtual function`, 'physfn', [
      { isVirtualFunction: !isVirtualFunction },
    ]),
  ];
}

/** On a host with hundreds of groups one of a wanted device is among the first few or means the same as they do. */
const MOST_GROUPS = 8;

function ofMissing(materials: Materials, pci: PciFacts, address: string): Variable {
  const device: PciDevice = {
    ...unreadDevice(address),
    vendor: 'ffff',
    device: 'ffff',
    subsystemVendor: 'ffff',
    subsystemDevice: 'ffff',
    classCode: '030200',
    driver: 'explain',
    driverOverride: 'explain',
    iommuGroup: 'explain',
    numaNode: pci.devices.values().next().value?.numaNode,
    headerType: 0,
  };
  const what = `there is no device at ${address}`;
  return fact({ name: address, what, where: `${DEVICES}/${address}` }, () => [
    withDevices(materials, pci, [device]),
    withDevices(materials, pci, [{ ...device, isVirtualFunction: true }]),
  ]);
}

/** Of all GPUs of a runtime together: of eight on one node, no single one decides. */
function nodesOfRuntimes(materials: Materials, pci: PciFacts): readonly Variable[] {
  const ids = [...materials.facts.numa.nodes.map(({ id }) => id), undefined];
  return (materials.input.runtimes ?? []).flatMap((runtime) => {
    const gpus = (runtime.gpus ?? []).flatMap((address) => pci.devices.get(address) ?? []);
    if (gpus.length === 0) return [];
    const moved = (devices: readonly PciDevice[]) =>
      ids.map((numaNode) =>
        withDevices(
          materials,
          pci,
          devices.map((device) => ({ ...device, numaNode })),
        ),
      );
    return [
      fact(
        { name: 'NUMA nodes of the GPUs', what: nodesInWords(gpus), where: numaFile(gpus) },
        () => [...moved(gpus), ...gpus.flatMap((gpu) => moved([gpu]))],
      ),
    ];
  });
}

function nodesInWords(gpus: readonly PciDevice[]): string {
  const nodes = [...new Set(gpus.map(({ numaNode }) => numaNode ?? 'none'))].sort();
  const [gpu] = gpus;
  const subject =
    gpus.length === 1 && gpu !== undefined
      ? `${gpu.address} is`
      : `the ${gpus.length} GPUs of the runtime are`;
  return `${subject} on NUMA ${nodes.length === 1 ? 'node' : 'nodes'} ${nodes.join(' and ')}`;
}

const MOST_NAMED = 3;

function numaFile(gpus: readonly PciDevice[]): string {
  const [first, ...others] = gpus.map(({ address }) => address);
  const names = others.length > MOST_NAMED ? '*' : `{${[first, ...others].join(',')}}`;
  return `${DEVICES}/${others.length === 0 ? first : names}/numa_node`;
}
