import type { Desired, DesiredRuntime } from '../../resolve/desired.ts';
import { runtimePaths } from '../../resolve/layout.ts';

/**
 * The body of cloud-hypervisor's `PUT /api/v1/vm.create` (VmConfig), as far as vllmd uses it. Sizes are bytes.
 * cloud-hypervisor ignores keys that it does not know, so a name here must be right; there is no error for a wrong one.
 */
export type VmConfig = {
  readonly cpus: { readonly boot_vcpus: number; readonly max_vcpus: number };
  readonly memory: { readonly size: number };
  readonly payload: { readonly firmware: string };
  readonly disks: readonly {
    readonly id: string;
    readonly path: string;
    /** Always said: with a guessed type the guest may not write sector 0. */
    readonly image_type: 'Raw';
    readonly readonly?: true;
  }[];
  readonly net: readonly {
    readonly id: string;
    readonly tap: string;
    readonly mac: string;
    readonly num_queues: number;
  }[];
  readonly devices?: readonly { readonly id: string; readonly path: string }[];
  readonly rng: { readonly src: string };
  readonly serial: { readonly mode: 'Tty' };
  readonly console: { readonly mode: 'Off' };
};

export function vmConfig(desired: Desired, runtime: DesiredRuntime): VmConfig {
  const paths = runtimePaths(desired, runtime.index);
  const devices = runtime.gpus.map((address, position) => ({
    id: `gpu${position}`,
    path: `/sys/bus/pci/devices/${address}`,
  }));
  return {
    cpus: { boot_vcpus: runtime.cpus, max_vcpus: runtime.cpus },
    memory: { size: runtime.memoryGib * 2 ** 30 },
    payload: { firmware: desired.firmware },
    disks: [
      { id: 'root', path: `${paths.dir}/disk.raw`, image_type: 'Raw' },
      { id: 'seed', path: `${paths.dir}/seed.img`, image_type: 'Raw', readonly: true },
    ],
    net: [{ id: 'net0', tap: runtime.tap, mac: runtime.mac, num_queues: runtime.networkQueues }],
    ...(devices.length === 0 ? {} : { devices }),
    rng: { src: '/dev/urandom' },
    // The guest's console goes to the journal of its unit.
    serial: { mode: 'Tty' },
    // cloud-hypervisor's own default is a second Tty.
    console: { mode: 'Off' },
  };
}
