import { FakeHost } from './script.ts';

export type FakeDevice = {
  readonly address: string;
  readonly group: string;
  readonly classCode?: string;
  readonly driver?: string;
  /** The driver that takes it when nothing else is said. */
  readonly native?: string;
  readonly attributes?: Readonly<Record<string, string>>;
};

const PCI = '/sys/bus/pci';

/** A host whose kernel binds and unbinds drivers as the real one does, as far as a script can tell. */
export class PciHost extends FakeHost {
  readonly #native = new Map<string, string>();
  readonly #stubborn = new Set<string>();
  readonly #drivers = new Set<string>();

  constructor(devices: readonly FakeDevice[]) {
    super();
    this.program('modprobe');
    this.program('udevadm');
    this.program('systemctl', 'case $1 in is-system-running) echo running ;; *) exit 3 ;; esac');
    this.directory('/dev/vfio');
    this.pipe(`${PCI}/drivers_probe`, (address) => this.#probe(address));
    this.driver('vfio-pci');
    for (const device of devices) this.device(device);
  }

  driver(name: string, { lets = true } = {}): void {
    if (this.#drivers.has(name)) return;
    this.#drivers.add(name);
    this.directory(`${PCI}/drivers/${name}`);
    const unbind = (address: string) => {
      this.#unlink(address);
    };
    this.pipe(`${PCI}/drivers/${name}/unbind`, lets ? unbind : undefined);
  }

  device({ address, group, classCode = '0x030200', driver, native, attributes }: FakeDevice): void {
    const path = `${PCI}/devices/${address}`;
    const known = {
      class: classCode,
      vendor: '0x10de',
      device: '0x2330',
      subsystem_vendor: '0x10de',
      subsystem_device: '0x16c1',
      modalias: 'pci:v000010DEd00002330sv000010DEsd000016C1bc03sc02i00',
      driver_override: '(null)',
      ...attributes,
    };
    for (const [name, value] of Object.entries(known)) this.file(`${path}/${name}`, value);
    this.link(`${path}/iommu_group`, `/sys/kernel/iommu_groups/${group}`);
    this.link(`/sys/kernel/iommu_groups/${group}/devices/${address}`, path);
    if (!this.exists(`/dev/vfio/${group}`)) this.file(`/dev/vfio/${group}`, '');
    if (native !== undefined) this.#native.set(address, native);
    if (driver === undefined) return;
    this.driver(driver);
    this.link(`${path}/driver`, `${PCI}/drivers/${driver}`);
  }

  /** The probe fails, and the kernel does not say so. */
  refuseProbe(address: string): void {
    this.#stubborn.add(address);
  }

  driverOf(address: string): string | undefined {
    return this.nameOfLink(`${PCI}/devices/${address}/driver`);
  }

  overrideOf(address: string): string {
    return this.read(`${PCI}/devices/${address}/driver_override`);
  }

  /** A process that has a device node open. */
  process(pid: number, comm: string, node: string, unit?: string): void {
    this.file(`/proc/${pid}/comm`, comm);
    this.file(`/proc/${pid}/cgroup`, `0::/system.slice${unit === undefined ? '' : `/${unit}`}`);
    this.realLink(`/proc/${pid}/fd/3`, node);
  }

  #unlink(address: string): void {
    this.remove(`${PCI}/devices/${address}/driver`);
  }

  #probe(address: string): void {
    if (this.driverOf(address) !== undefined || this.#stubborn.has(address)) return;
    const override = this.overrideOf(address).replace('(null)', '');
    const driver = override === '' ? this.#native.get(address) : override;
    if (driver === undefined || !this.#drivers.has(driver)) return;
    this.link(`${PCI}/devices/${address}/driver`, `${PCI}/drivers/${driver}`);
  }
}
