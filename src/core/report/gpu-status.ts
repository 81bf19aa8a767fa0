import { isVfioDriver } from '../facts/pci-driver.ts';

export type GpuStatus = {
  readonly address: string;
  /** False: the host has no such device any more. */
  readonly present: boolean;
  /** The driver that has it now; null for none. */
  readonly driver: string | null;
  /** That driver passes devices on to VMs. */
  readonly is_vfio: boolean;
};

export function gpuStatus(address: string, drivers: ReadonlyMap<string, string>): GpuStatus {
  const driver = drivers.get(address);
  return {
    address,
    present: driver !== undefined,
    driver: driver || null,
    is_vfio: isVfioDriver(driver ?? ''),
  };
}
