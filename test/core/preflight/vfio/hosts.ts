import type { Diagnostic } from '../../../../src/core/diagnostic.ts';
import type { DevicePin } from '../../../../src/core/facts/device-pin.ts';
import type { Facts } from '../../../../src/core/facts/facts.ts';
import type { PciDevice, PciFacts } from '../../../../src/core/facts/pci.ts';
import { vfioPreflight } from '../../../../src/core/preflight/vfio/vfio-preflight.ts';
import type { Desired, DesiredRuntime, DesiredVfio } from '../../../../src/core/resolve/desired.ts';

/** Addresses without domain and function: `01` is 0000:01:00.0, `01.1` its second function. */
export function at(short: string): string {
  const [bus, rest = '0'] = short.split('.');
  return `0000:${bus}:00.${rest}`;
}

export function device(short: string, rest: Partial<PciDevice> = {}): PciDevice {
  return {
    address: at(short),
    vendor: '10de',
    device: '26b9',
    subsystemVendor: '10de',
    subsystemDevice: '1851',
    classCode: '030200',
    driver: 'nvidia',
    driverOverride: undefined,
    iommuGroup: short.split('.')[0],
    numaNode: 0,
    headerType: 0,
    isSilent: false,
    isBootVga: false,
    isVirtualFunction: false,
    virtualFunctions: 0,
    resetMethods: ['flr', 'bus'],
    bars: [],
    inUse: [],
    uplink: undefined,
    holders: [],
    ...rest,
  };
}

export function audio(short: string, rest: Partial<PciDevice> = {}): PciDevice {
  const driver = 'snd_hda_intel';
  return device(short, { device: '228b', classCode: '040300', driver, resetMethods: [], ...rest });
}

export function nic(short: string, rest: Partial<PciDevice> = {}): PciDevice {
  const identity = { vendor: '8086', device: '1533', subsystemVendor: '15d9' };
  return device(short, { ...identity, classCode: '020000', driver: 'igb', ...rest });
}

export function bridge(short: string, rest: Partial<PciDevice> = {}): PciDevice {
  const identity = { vendor: '8086', device: 'a338', classCode: '060400' };
  return device(short, { ...identity, driver: 'pcieport', headerType: 1, ...rest });
}

export function pciOf(devices: readonly PciDevice[], rest: Partial<PciFacts> = {}): PciFacts {
  return {
    devices: new Map(devices.map((found) => [found.address, found])),
    hasIommu: true,
    hasInterruptRemapping: true,
    hasVfioPci: true,
    cpuVendor: 'intel',
    iommuAddressBits: 46,
    physicalAddressBits: 46,
    kernelCommandLine: 'ro quiet',
    ...rest,
  };
}

/** A config of one runtime a list of short addresses. */
export function desiredOf(
  gpus: readonly (readonly string[])[],
  vfio: Partial<DesiredVfio> = {},
  uplink = '',
): Desired {
  return {
    network: { uplink },
    vfio: { onRelease: 'keep-vfio', allowGroupMembers: [], identityLock: true, ...vfio },
    runtimes: gpus.map((own, position) => ({
      index: position + 1,
      gpus: own.map(at),
      source: `/runtimes/${position}`,
    })) as unknown as readonly DesiredRuntime[],
  } as unknown as Desired;
}

export type Case = {
  readonly devices: readonly PciDevice[];
  /** One runtime with the first device unless said otherwise. */
  readonly gpus?: readonly (readonly string[])[];
  readonly vfio?: Partial<DesiredVfio>;
  /** network.default_interface */
  readonly uplink?: string;
  readonly pci?: Partial<PciFacts>;
  readonly pins?: readonly DevicePin[];
  readonly cloudHypervisor?: string;
};

export function check(given: Case): readonly Diagnostic[] {
  const { devices, gpus = [['01']], vfio, uplink, pci, pins = [], cloudHypervisor } = given;
  const facts = { pci: pciOf(devices, pci), cloudHypervisor } as unknown as Facts;
  return vfioPreflight(
    desiredOf(gpus, vfio, uplink),
    facts,
    new Map(pins.map((pin) => [pin.address, pin])),
  );
}

/** What an operator sees of it, without the frame. */
export function shown({ severity, rule, pointer, message, detail, help }: Diagnostic): string {
  return [
    `${severity}[${rule}] ${pointer}`,
    message,
    ...(detail ?? []),
    ...(help === undefined ? [] : [`help: ${help}`]),
  ].join('\n');
}
