import type { RuleCase } from './rule-case.ts';

const TOPOLOGY = { threads_per_core: 1, cores_per_die: 4, dies_per_package: 1, packages: 1 };

function affinity(...entries: readonly (readonly [number, readonly number[]])[]) {
  return { 'cpus.affinity': entries.map(([vcpu, host_cpus]) => ({ vcpu, host_cpus })) };
}

export const cpuCases: readonly RuleCase[] = [
  {
    id: 'C-CPU-1',
    says: 'the VM cannot have fewer vCPUs than at boot',
    at: '/cpus/max_vcpus',
    breaks: { vm: { 'cpus.max_vcpus': 3 } },
    allows: { vm: { 'cpus.max_vcpus': 4 } },
  },
  {
    id: 'C-CPU-2',
    says: 'x86 has 8192 vCPUs',
    at: '/cpus/max_vcpus',
    breaks: { vm: { 'cpus.max_vcpus': 8193 } },
    allows: { vm: { 'cpus.max_vcpus': 8192 } },
  },
  {
    id: 'C-CPU-2',
    says: 'other architectures have 255 vCPUs',
    at: '/cpus/max_vcpus',
    breaks: { vm: { 'cpus.max_vcpus': 256 }, architecture: 'aarch64' },
    allows: { vm: { 'cpus.max_vcpus': 255 }, architecture: 'aarch64' },
  },
  {
    id: 'C-CPU-3',
    says: 'no part of the topology is 0',
    at: '/cpus/topology/packages',
    breaks: { vm: { 'cpus.topology': { ...TOPOLOGY, packages: 0 } }, also: ['C-CPU-5'] },
    allows: { vm: { 'cpus.topology': TOPOLOGY } },
  },
  {
    id: 'C-CPU-4',
    says: 'a core of x86 has 2 threads at most',
    at: '/cpus/topology/threads_per_core',
    breaks: { vm: { 'cpus.topology': { ...TOPOLOGY, threads_per_core: 4, cores_per_die: 1 } } },
    allows: { vm: { 'cpus.topology': { ...TOPOLOGY, threads_per_core: 2, cores_per_die: 2 } } },
  },
  {
    id: 'C-CPU-5',
    says: 'the topology multiplies to max_vcpus, not to boot_vcpus',
    at: '/cpus/topology',
    breaks: { vm: { 'cpus.topology': TOPOLOGY, 'cpus.max_vcpus': 8 } },
    allows: { vm: { 'cpus.topology': { ...TOPOLOGY, packages: 2 }, 'cpus.max_vcpus': 8 } },
  },
  {
    id: 'C-CPU-6',
    says: 'a package of aarch64 has one die, one of x86 may have two',
    at: '/cpus/topology/dies_per_package',
    breaks: {
      vm: { 'cpus.topology': { ...TOPOLOGY, cores_per_die: 2, dies_per_package: 2 } },
      architecture: 'aarch64',
    },
    allows: { vm: { 'cpus.topology': { ...TOPOLOGY, cores_per_die: 2, dies_per_package: 2 } } },
  },
  {
    id: 'R-CPU-1',
    says: 'KVM has a limit, too',
    at: '/cpus/max_vcpus',
    breaks: { probe: { kvmMaxVcpus: 3 } },
    allows: { probe: { kvmMaxVcpus: 4 } },
  },
  {
    id: 'R-CPU-2',
    says: 'a vCPU needs one host CPU that is online',
    at: '/cpus/affinity/0/host_cpus',
    breaks: { vm: affinity([0, [8, 9]]), probe: { onlineCpus: new Set([0, 1]) } },
    allows: { vm: affinity([0, [0, 1]]), probe: { onlineCpus: new Set([0, 1]) } },
  },
  {
    id: 'R-CPU-2',
    says: 'a vCPU needs one host CPU that the unit may use',
    at: '/cpus/affinity/0/host_cpus',
    breaks: {
      vm: affinity([0, [0, 1]]),
      probe: { onlineCpus: new Set([0, 2]), allowedCpus: new Set([1, 2]) },
    },
    allows: { vm: affinity([0, [8]]) },
  },
  {
    id: 'R-CPU-2',
    says: 'an empty set has no CPU',
    at: '/cpus/affinity/0/host_cpus',
    breaks: { vm: affinity([0, []]) },
    allows: { vm: affinity([0, [0]]) },
  },
  {
    id: 'R-CPU-3',
    says: 'the kernel takes host CPUs below 1024',
    at: '/cpus/affinity/0/host_cpus/1',
    breaks: { vm: affinity([0, [1023, 1024]]) },
    allows: { vm: affinity([0, [1023]]) },
  },
  {
    id: 'R-CPU-4',
    says: 'only vCPUs of the VM can be placed',
    at: '/cpus/affinity/0/vcpu',
    breaks: { vm: affinity([4, [0]]) },
    allows: { vm: affinity([3, [0]]) },
  },
  {
    id: 'R-CPU-5',
    says: 'a vCPU is placed once',
    at: '/cpus/affinity/1/vcpu',
    breaks: { vm: affinity([0, [0]], [0, [1]]) },
    allows: { vm: affinity([0, [0]], [1, [0]]) },
  },
  {
    id: 'R-CPU-6',
    says: 'the kernel narrows a set without a word',
    at: '/cpus/affinity/0/host_cpus',
    breaks: {
      vm: affinity([0, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]]),
      probe: { onlineCpus: new Set([0]) },
    },
    allows: { vm: affinity([0, [0]]), probe: { onlineCpus: new Set([0]) } },
  },
];
