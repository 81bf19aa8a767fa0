import { expect, test } from 'vitest';
import { describedHost } from '../../support/world.ts';
import { audio, type Case, checksOf, configured, gpu, one, port, testCases } from './checks-of.ts';

testCases([
  ['an IOMMU', one, 'iommu-on', 'pass', '1 group'],
  [
    'no IOMMU on Debian',
    { ...one, iommu: false },
    'iommu-on',
    'fail',
    'VT-d',
    'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX intel_iommu=on iommu=pt"',
    'sudo update-grub && sudo reboot',
  ],
  [
    'no IOMMU on Fedora with an AMD CPU',
    { ...one, iommu: false, cpuVendor: 'amd', distribution: 'fedora' },
    'iommu-on',
    'fail',
    'IOMMU (AMD-Vi)',
    'sudo grubby --update-kernel=ALL --args="iommu=pt"',
  ],
  [
    'no IOMMU on another system',
    { ...one, iommu: false, distribution: 'arch' },
    'iommu-on',
    'fail',
    'Debian, Ubuntu: ',
    'Fedora, RHEL: ',
  ],
  ['no IOMMU and no GPU', { pci: [], iommu: false }, 'iommu-on', 'info', 'no GPU is there'],
  [
    'a kernel with iommu=pt',
    { ...one, kernelCommandLine: 'intel_iommu=on iommu=pt' },
    'iommu-parameters',
    'pass',
    'intel_iommu=on iommu=pt',
  ],
  ...[
    ['iommu=force,pt', 'pass'],
    ['iommu.passthrough=on', 'pass'],
    ['iommu=nopt iommu=pt', 'pass'],
    ['iommu=1', 'info'],
    ['iommu.passthrough=pt', 'info'],
    ['iommu=pt iommu=nopt', 'info'],
    ['iommu=pt iommu.passthrough=0', 'info'],
  ].map(
    ([kernelCommandLine = '', verdict = '']): Case => [
      kernelCommandLine,
      { ...one, kernelCommandLine },
      'iommu-parameters',
      verdict,
    ],
  ),
  [
    'a kernel whose last word is iommu=nopt',
    { ...one, kernelCommandLine: 'iommu=pt iommu=nopt' },
    'iommu-parameters',
    'info',
    'has iommu=nopt, not iommu=pt',
  ],
  ['a kernel without iommu=pt', one, 'iommu-parameters', 'info', 'no iommu=pt'],
  ['remapped interrupts', one, 'interrupt-remapping', 'pass'],
  [
    'interrupts that are not remapped',
    { ...one, interruptRemapping: false },
    'interrupt-remapping',
    'fail',
  ],
  [
    'unsafe interrupts',
    { files: { '/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts': 'Y\n' } },
    'unsafe-interrupts',
    'risk',
    'take allow_unsafe_interrupts out',
  ],
  [
    'the mode of vfio without an IOMMU',
    { files: { '/sys/module/vfio/parameters/enable_unsafe_noiommu_mode': 'Y\n' } },
    'no-iommu-mode',
    'risk',
    'take enable_unsafe_noiommu_mode out',
  ],
  [
    'a group that only that mode has made',
    {
      pci: [{ ...gpu, group: 7 }],
      files: { '/sys/kernel/iommu_groups/7/name': 'vfio-noiommu\n' },
    },
    'iommu-on',
    'fail',
  ],
  [
    'groups that are made up',
    { ...one, kernelCommandLine: 'pcie_acs_override=downstream' },
    'acs-override',
    'risk',
    'pcie_acs_override=downstream',
  ],
  ['ACS', one, 'acs', 'pass', 'ACS is on at the bridge'],
  [
    'ACS that is off',
    {
      pci: [
        { ...port, acs: 'off' },
        { ...gpu, group: 7 },
      ],
    },
    'acs',
    'info',
    '0000:00:01.0 has ACS off, or none',
    'PCIe ACS Support',
  ],
  [
    'a bridge without ACS',
    {
      pci: [
        { ...port, acs: 'none' },
        { ...gpu, group: 7 },
      ],
    },
    'acs',
    'info',
    '0000:00:01.0',
  ],
  [
    'the upper port of a switch, which needs none',
    {
      pci: [
        port,
        { ...port, address: '0000:02:00.0', acs: 'none', isUpstream: true },
        { ...gpu, group: 7 },
      ],
    },
    'acs',
    'pass',
  ],
  [
    'ACS that is on, and a group all the same',
    audio,
    'acs',
    'info',
    'only another slot parts them',
  ],
  [
    'a GPU of no runtime beside the way out of the host',
    audio,
    'iommu-group-viable',
    'warn',
    'a GPU',
    '0000:04:00.0 cannot leave the host: the default route of the host leaves by eno2\nmove a card to another slot',
  ],
]);

test('ACS that is on already is no advice, and a GPU of no runtime has no number', async () => {
  const texts = (await checksOf(describedHost(audio))).map(({ text }) => text).join('\n');
  expect(texts).not.toContain('enable ACS');
  expect(texts).not.toMatch(/runtime \d/);
});

test('what shares a group with a GPU is named, with what becomes of it', async () => {
  const idle = { address: '0000:04:00.1', id: '8086:1533', class: '020000', group: 7 };
  const beside = { ...idle, address: '0000:04:00.0', driver: 'igb' };
  const host = { pci: [{ ...gpu, group: 7 }, beside, idle] };
  const gpus = 'gpus = ["0000:03:00.0"]\n\n[vfio]\nallow_group_members = ["0000:04:00.0"]';
  const rows = await configured(describedHost(host), gpus);
  expect(rows.find(({ id }) => id === 'gpu-isolation')?.text).toBe(
    '1 in a group with others: 0000:04:00.0 taken along to the same VM; 0000:04:00.1 without a driver of the host',
  );
});
