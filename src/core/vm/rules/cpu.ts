import { maxVcpus } from '../facts-of.ts';
import { flaw, part, partRules, parts, repeatFlaws, vmRule } from '../make-rule.ts';
import type { VmProbe } from '../probe.ts';
import type { VmRule } from '../rule.ts';

/** Size of the kernel's cpu_set_t. */
const CPU_SET_SIZE = 1024;

const MAX_VCPUS_X86 = 8192;
const MAX_VCPUS_OTHERS = 255;
const PARTS = ['threads_per_core', 'cores_per_die', 'dies_per_package', 'packages'] as const;

const cpus = partRules((vm) => part('/cpus', vm.cpus));
const topology = partRules((vm) => part('/cpus/topology', vm.cpus?.topology));
const affinity = partRules((vm) => parts('/cpus/affinity', vm.cpus?.affinity));

/** Counts, topology and placement of vCPUs. */
export const cpuRules: readonly VmRule[] = [
  cpus(
    'C-CPU-1',
    ({ boot_vcpus, max_vcpus }) =>
      max_vcpus < boot_vcpus &&
      flaw(
        'max_vcpus',
        `${max_vcpus} is less than the ${boot_vcpus} vCPUs at boot`,
        'set it to boot_vcpus',
      ),
  ),
  cpus('C-CPU-2', ({ max_vcpus }, _vm, { architecture }) => {
    const most = architecture === 'x86_64' ? MAX_VCPUS_X86 : MAX_VCPUS_OTHERS;
    return (
      max_vcpus > most &&
      flaw('max_vcpus', `${max_vcpus} vCPUs; ${architecture} has at most ${most}`, `use ${most}`)
    );
  }),
  topology('C-CPU-3', (value) =>
    PARTS.filter((key) => value[key] === 0).map((key) =>
      flaw(key, '0; each part of the topology is at least 1', 'use 1'),
    ),
  ),
  topology(
    'C-CPU-4',
    ({ threads_per_core }, _vm, { architecture }) =>
      architecture === 'x86_64' &&
      threads_per_core > 2 &&
      flaw('threads_per_core', `${threads_per_core} threads; x86 has at most 2`, 'use 1 or 2'),
  ),
  topology('C-CPU-5', (value, vm) => {
    const product = PARTS.reduce((sum, key) => sum * value[key], 1);
    return (
      product !== maxVcpus(vm) &&
      flaw(
        '',
        `its parts multiply to ${product}, but max_vcpus is ${maxVcpus(vm)}`,
        'set cores_per_die so that the product of all parts is max_vcpus',
      )
    );
  }),
  topology(
    'C-CPU-6',
    ({ dies_per_package }, _vm, { architecture }) =>
      architecture === 'aarch64' &&
      dies_per_package !== 1 &&
      flaw('dies_per_package', `${dies_per_package} dies; aarch64 has 1`, 'use 1'),
  ),
  cpus(
    'R-CPU-1',
    ({ max_vcpus }, _vm, { probe: { kvmMaxVcpus } }) =>
      kvmMaxVcpus !== undefined &&
      max_vcpus > kvmMaxVcpus &&
      flaw('max_vcpus', `${max_vcpus} vCPUs; KVM of this host allows ${kvmMaxVcpus}`, 'use fewer'),
  ),
  affinity(
    'R-CPU-2',
    ({ vcpu, host_cpus }, _vm, { probe }) =>
      host_cpus.every((cpu) => isUnusable(cpu, probe)) &&
      flaw(
        'host_cpus',
        `${shown(host_cpus)}: none is online and allowed to the unit, so the boot hangs at vCPU ${vcpu}`,
        'name CPUs of /sys/devices/system/cpu/online that AllowedCPUs= of the unit includes',
      ),
  ),
  affinity('R-CPU-3', ({ host_cpus }) =>
    host_cpus.flatMap((cpu, index) =>
      cpu < CPU_SET_SIZE
        ? []
        : [
            flaw(
              `host_cpus/${index}`,
              `${cpu}; cloud-hypervisor panics from 1024 on`,
              'use a CPU below 1024',
            ),
          ],
    ),
  ),
  affinity(
    'R-CPU-4',
    ({ vcpu }, vm) =>
      vcpu >= maxVcpus(vm) &&
      flaw('vcpu', `${vcpu}; the VM has vCPUs 0 to ${maxVcpus(vm) - 1}`, 'leave this entry out'),
  ),
  vmRule('R-CPU-5', (vm) =>
    repeatFlaws(
      parts('/cpus/affinity', vm.cpus?.affinity),
      ({ vcpu }) => vcpu,
      'vcpu',
      'put all host CPUs of a vCPU into one entry: only the last one counts',
    ),
  ),
  affinity('R-CPU-6', ({ host_cpus }, _vm, { probe }) => {
    const lost = host_cpus.filter((cpu) => isUnusable(cpu, probe));
    return (
      lost.length > 0 &&
      lost.length < host_cpus.length &&
      flaw(
        'host_cpus',
        `${shown(lost)}: offline or not allowed to the unit, the kernel silently uses the rest`,
        'name only CPUs that are online and that AllowedCPUs= of the unit includes',
      )
    );
  }),
];

function isUnusable(cpu: number, { onlineCpus, allowedCpus }: VmProbe): boolean {
  return onlineCpus?.has(cpu) === false || allowedCpus?.has(cpu) === false;
}

function shown(list: readonly number[]): string {
  if (list.length === 0) return 'an empty list';
  const rest = list.length > 8 ? ` and ${list.length - 8} more` : '';
  return `host CPU ${list.slice(0, 8).join(', ')}${rest}`;
}
