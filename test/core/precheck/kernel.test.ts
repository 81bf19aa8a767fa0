import { expect, test } from 'vitest';
import { describedHost } from '../../support/world.ts';
import { checksOf, one, testCases } from './checks-of.ts';

testCases([
  ['a kernel', {}, 'kernel-version', 'pass', 'Linux 6.8.0-45-generic'],
  ['an old kernel', { kernelRelease: '5.4.0-1' }, 'kernel-version', 'warn', '5.6 or newer'],
  [
    'a kernel that is too old',
    { kernelRelease: '3.10.0-1160.el7' },
    'kernel-version',
    'fail',
    '4.11',
  ],
  ['a kernel without vfio-pci', { ...one, vfioPci: false }, 'vfio-module', 'fail'],
  ['mitigations', {}, 'mitigations', 'pass', 'none of the 3'],
  [
    'an open vulnerability',
    { vulnerabilities: { retbleed: 'Vulnerable', mds: 'Not affected' } },
    'mitigations',
    'risk',
    'open to retbleed',
    'retbleed: Vulnerable',
    'microcode',
  ],
  [
    'L1TF that is open to guests alone',
    { vulnerabilities: { l1tf: 'Mitigation: PTE Inversion; VMX: vulnerable, SMT disabled' } },
    'mitigations',
    'risk',
    'open to l1tf',
  ],
  [
    'a part of a vulnerability that is open',
    {
      vulnerabilities: {
        spectre_v2: 'Mitigation: Enhanced / Automatic IBRS; IBPB: conditional; BHI: Vulnerable',
      },
    },
    'mitigations',
    'risk',
    'open to spectre_v2',
  ],
  [
    'a part that is open to processes of the host, and to no guest',
    { vulnerabilities: { spectre_v2: 'Mitigation: IBRS; BHI: Vulnerable, KVM: SW loop' } },
    'mitigations',
    'pass',
    'none of the 1',
  ],
  [
    'a CPU that nobody looks after any more',
    { vulnerabilities: { mmio_stale_data: 'Unknown: No mitigations' } },
    'mitigations-unknown',
    'info',
    'does not know whether this CPU is open to mmio_stale_data',
  ],
  [
    'a vulnerability that threads leave open',
    { vulnerabilities: { mds: 'Mitigation: Clear CPU buffers; SMT vulnerable' } },
    'mitigations-smt',
    'risk',
    'two threads of one core',
  ],
  [
    'mitigations that are switched off',
    { kernelCommandLine: 'quiet mitigations=off' },
    'mitigations-off',
    'risk',
    'take mitigations=off off the kernel command line',
  ],
]);

test('no check is an order to switch a mitigation off', async () => {
  const vulnerabilities = {
    mds: 'Vulnerable',
    l1tf: 'Mitigation: PTE Inversion; VMX: SMT vulnerable',
  };
  const rows = await checksOf(describedHost({ vulnerabilities, kernelCommandLine: 'nopti' }));
  const texts = rows.filter(({ id }) => id.startsWith('mitigations')).map(({ text }) => text);
  expect(texts).toHaveLength(3);
  expect(texts.join('\n')).not.toMatch(
    /add mitigations=off|set mitigations=off|(?<!take )mitigations=off on/,
  );
});
