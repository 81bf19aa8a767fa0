import { expect, test } from 'vitest';
import { describedHost } from '../../support/world.ts';
import { checksOf, one, testCases } from './checks-of.ts';

testCases([
  ['VT-x', { cpuFlags: 'fpu vmx' }, 'cpu-virtualisation', 'pass', 'Intel VT-x (vmx)'],
  ['AMD-V', { cpuVendor: 'amd' }, 'cpu-virtualisation', 'pass', 'AMD-V (svm)'],
  [
    'virtualisation that the firmware keeps off',
    { cpuFlags: 'fpu', missing: ['/dev/kvm'] },
    'cpu-virtualisation',
    'fail',
    'neither vmx nor svm',
    'Intel Virtualization Technology (VT-x, VMX)',
  ],
  [
    'virtualisation that the firmware of an AMD host keeps off',
    { cpuVendor: 'amd', cpuFlags: 'fpu', missing: ['/dev/kvm'] },
    'cpu-virtualisation',
    'fail',
    'SVM Mode',
  ],
  [
    'a VM without nested virtualisation',
    { cpuFlags: 'fpu hypervisor', missing: ['/dev/kvm'] },
    'cpu-virtualisation',
    'fail',
    'this machine is a VM',
    'nested=1',
  ],
  [
    'a /dev/kvm without vmx and svm',
    { cpuFlags: 'fpu' },
    'cpu-virtualisation',
    'warn',
    '/dev/kvm is there all the same',
  ],
  ['a VM', { cpuFlags: 'vmx hypervisor' }, 'cpu-hypervisor', 'info', 'a VM itself'],
  [
    'a missing /dev/kvm',
    { missing: ['/dev/kvm'] },
    'file-present',
    'fail',
    '/dev/kvm does not exist',
    'sudo modprobe kvm_intel',
  ],
  ['an open /dev/kvm', { kvmMode: '0666' }, 'kvm-access', 'pass', 'everybody (mode 0666)'],
  [
    'a /dev/kvm of root alone',
    { kvmMode: '0600' },
    'kvm-access',
    'fail',
    'mode 0600',
    '65-kvm.rules',
  ],
  ['a missing group', { groups: [] }, 'kvm-group', 'fail', 'groupadd --system kvm'],
  ['threads', { smt: true }, 'cpu-threads', 'info', 'SMT is on'],
  [
    'CPUs that the kernel spreads nothing over',
    { files: { '/sys/devices/system/cpu/isolated': '2-31\n' } },
    'cpu-isolated',
    'warn',
    'CPUs 2-31 are isolated',
    'isolcpus=',
  ],
  ['nested guests', { nested: true }, 'kvm-nested', 'info', 'kvm_intel', 'nested=0'],
]);

test('a node of KVM with no module behind it starts no VM', async () => {
  for (const [cpuVendor, module] of [
    ['intel', 'kvm_intel'],
    ['amd', 'kvm_amd'],
  ] as const) {
    const host = describedHost({ ...one, cpuVendor });
    const exists = async (path: string) =>
      path.startsWith('/sys/module/kvm_') ? false : host.exists(path);
    const rows = await checksOf({ ...host, exists });
    expect(rows.find(({ id }) => id === 'kvm-module')).toMatchObject({ verdict: 'fail' });
    expect(rows.find(({ id }) => id === 'kvm-module')?.text).toContain(`sudo modprobe ${module}`);
  }
});
