import type { Check } from './check.ts';
import { FIRMWARE_SETTINGS } from './firmware.ts';
import type { PrecheckView } from './view.ts';

/** What the CPU can do for virtual machines, and whether this is one itself. */
export function cpuChecks(view: PrecheckView): readonly Check[] {
  return [
    virtualisation(view),
    ...ownHypervisor(view),
    ...threads(view),
    ...isolated(view),
    ...nested(view),
  ];
}

function virtualisation({ machine, facts }: PrecheckView): Check {
  const { cpuFlags, cpuModel } = machine;
  const base = { id: 'cpu-virtualisation', subsystem: 'cpu' } as const;
  const model = cpuModel === '' ? '' : `, ${cpuModel}`;
  if (cpuFlags.has('vmx')) return { ...base, verdict: 'pass', message: `Intel VT-x (vmx)${model}` };
  if (cpuFlags.has('svm')) return { ...base, verdict: 'pass', message: `AMD-V (svm)${model}` };
  if (cpuFlags.size === 0) {
    const message = '/proc/cpuinfo has no line of flags, so it says nothing of VT-x or AMD-V';
    return { ...base, verdict: 'warn', message, remedy: ['see: lscpu | grep -i virtualization'] };
  }
  const remedy = cpuFlags.has('hypervisor') ? NESTED_REMEDY : firmwareRemedy(machine.pci.cpuVendor);
  if (!facts.missing.includes('/dev/kvm')) {
    const message =
      'the CPU shows neither vmx nor svm, and /dev/kvm is there all the same: try one VM before you rely on it';
    return { ...base, verdict: 'warn', message, remedy };
  }
  return { ...base, verdict: 'fail', message: 'the CPU shows neither vmx nor svm', remedy };
}

const NESTED_REMEDY = [
  'this machine is a VM: switch nested virtualisation on where it runs',
  'KVM: options kvm_intel nested=1 (or kvm_amd), and a CPU model that passes vmx or svm on, such as host-passthrough',
];

function firmwareRemedy(vendor: PrecheckView['machine']['pci']['cpuVendor']): readonly string[] {
  return [
    `in the firmware, switch on ${FIRMWARE_SETTINGS[vendor].virtualisation}; then power off and on again`,
  ];
}

function ownHypervisor({ machine }: PrecheckView): readonly Check[] {
  if (!machine.cpuFlags.has('hypervisor')) return [];
  const message =
    'this machine is a VM itself: guests are slower, and a GPU passes through only if its own host hands it over with a virtual IOMMU';
  return [{ id: 'cpu-hypervisor', subsystem: 'cpu', verdict: 'info', message }];
}

function threads({ machine }: PrecheckView): readonly Check[] {
  if (machine.hasThreads === undefined) return [];
  const message = machine.hasThreads
    ? 'SMT is on: CPUs of two guests may be threads of one core, and what that lets them learn is said under kernel'
    : 'SMT is off: no two guests share a core at the same moment';
  return [{ id: 'cpu-threads', subsystem: 'cpu', verdict: 'info', message }];
}

function isolated({ machine: { isolatedCpus } }: PrecheckView): readonly Check[] {
  if (isolatedCpus === '') return [];
  const message = `CPUs ${isolatedCpus} are isolated (isolcpus): the kernel moves no thread from one to another, so virtual CPUs may wait for one of them while others idle`;
  const remedy = [
    'take isolcpus= off the kernel command line and reboot: a VM is kept to the CPUs near its GPUs without it',
  ];
  return [{ id: 'cpu-isolated', subsystem: 'cpu', verdict: 'warn', message, remedy }];
}

/** It is on by default in the kernel since 4.20. */
function nested({ machine }: PrecheckView): readonly Check[] {
  const { module, isNested } = machine.kvm;
  if (module === undefined || !isNested) return [];
  const message = `${module} lets guests run virtual machines of their own (nested): more of KVM is open to them than inference needs`;
  const remedy = [
    `for guests of others: echo 'options ${module} nested=0' | sudo tee /etc/modprobe.d/kvm-nested.conf; it takes effect when the module is loaded anew`,
  ];
  return [{ id: 'kvm-nested', subsystem: 'cpu', verdict: 'info', message, remedy }];
}
