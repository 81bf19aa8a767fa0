import type { Check } from './check.ts';
import { hasFinding, type PrecheckView } from './view.ts';

const GROUP_RW = 0o060;
const OTHERS_RW = 0o006;

/** Whether a VM reaches /dev/kvm. That it is missing is said by preflight. */
export function kvmChecks(view: PrecheckView): readonly Check[] {
  const { node } = view.machine.kvm;
  if (node === undefined || view.facts.missing.includes('/dev/kvm')) return [];
  const isSaid = hasFinding(view, 'kvm-group');
  return [...(isSaid ? [] : [access(view, node)]), ...moduleLoaded(view)];
}

function access(
  { machine }: PrecheckView,
  node: { readonly mode: number; readonly gid: number },
): Check {
  const base = { id: 'kvm-access', subsystem: 'cpu' } as const;
  const { groupId } = machine.kvm;
  const mode = node.mode.toString(8).padStart(4, '0');
  const isOpen = (node.mode & OTHERS_RW) === OTHERS_RW;
  const isGroups = node.gid === groupId && (node.mode & GROUP_RW) === GROUP_RW;
  if (isOpen || isGroups) {
    const who = isOpen ? 'everybody' : 'the group kvm';
    return { ...base, verdict: 'pass', message: `/dev/kvm is open to ${who} (mode ${mode})` };
  }
  return {
    ...base,
    verdict: 'fail',
    message: `/dev/kvm has mode ${mode} and group ${node.gid}: the VMs run with the group kvm, and may not open it`,
    remedy: [
      `echo 'KERNEL=="kvm", GROUP="kvm", MODE="0660"' | sudo tee /etc/udev/rules.d/65-kvm.rules`,
      'sudo udevadm control --reload && sudo udevadm trigger /dev/kvm',
    ],
  };
}

/**
 * systemd makes the node at boot also where nothing stands behind it. Both modules have parameters, so that one which is built
 * into the kernel is in /sys/module as well; other CPUs than those of x86 have none.
 */
function moduleLoaded({ machine }: PrecheckView): readonly Check[] {
  const base = { id: 'kvm-module', subsystem: 'cpu' } as const;
  const { kvm, cpuFlags } = machine;
  if (kvm.module !== undefined) {
    return [{ ...base, verdict: 'pass', message: `${kvm.module} is loaded` }];
  }
  const wanted = cpuFlags.has('svm') ? 'kvm_amd' : 'kvm_intel';
  if (!(cpuFlags.has('svm') || cpuFlags.has('vmx'))) return [];
  const message = `/dev/kvm is there, and ${wanted} is not loaded: no VM can start`;
  const remedy = [
    `sudo modprobe ${wanted}; where it refuses, sudo dmesg | grep -i kvm says why`,
    'before Linux 6.7 an AMD CPU shows svm also where the firmware keeps SVM Mode off',
  ];
  return [{ ...base, verdict: 'fail', message, remedy }];
}
