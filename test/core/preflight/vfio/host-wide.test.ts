import { expect, test } from 'vitest';
import type { Facts } from '../../../../src/core/facts/facts.ts';
import { hostChecks, vfioPreflight } from '../../../../src/core/preflight/vfio/vfio-preflight.ts';
import { check, desiredOf, device, pciOf, shown } from './hosts.ts';

const gpu = device('01');

test('says nothing of a host that is ready', () => {
  expect(check({ devices: [gpu] })).toEqual([]);
});

test('asks nothing of a host where no runtime has a GPU, or that could not be read', () => {
  const facts = { pci: pciOf([], { hasIommu: false }) } as unknown as Facts;
  expect(vfioPreflight(desiredOf([[]]), facts, new Map())).toEqual([]);
  const unread = { pci: undefined } as unknown as Facts;
  expect(vfioPreflight(desiredOf([['01']]), unread, new Map())).toEqual([]);
});

test('has a name of its own for each check', () => {
  const ids = hostChecks.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[a-z]+(?:-[a-z]+)+$/);
});

test('says once how an IOMMU is switched on', () => {
  const devices = [
    device('01', { iommuGroup: undefined }),
    device('02', { iommuGroup: undefined }),
  ];
  const pci = { hasIommu: false, hasInterruptRemapping: false };
  const [found, ...others] = check({ devices, gpus: [['01', '02']], pci });
  expect(others).toEqual([]);
  expect(found).toEqual({
    severity: 'error',
    rule: 'iommu-on',
    pointer: '',
    subject: 'host',
    message: 'no IOMMU is on: no device can be passed on',
    help: 'switch VT-d on in the firmware and add intel_iommu=on iommu=pt to the kernel command line, then reboot',
  });
});

test.for([
  ['intel', 'ro intel_iommu=off', 'intel_iommu=off'],
  ['intel', 'intel_iommu=on,off', 'intel_iommu=on,off'],
  ['amd', 'amd_iommu=off quiet', 'amd_iommu=off'],
  ['other', 'iommu=off', 'iommu=off'],
] as const)('names what switches the IOMMU of %s off in "%s"', ([cpuVendor, line, word]) => {
  const pci = { hasIommu: false, cpuVendor, kernelCommandLine: line };
  const [found] = check({ devices: [device('01', { iommuGroup: undefined })], pci });
  expect(found?.help).toMatch(/ in the firmware.*, then reboot\n/);
  expect(found?.help).toContain(`\nthe kernel was started with ${word}: remove that`);
});

test('refuses a device that no IOMMU covers', () => {
  expect(check({ devices: [device('01', { iommuGroup: undefined })] }).map(shown)).toEqual([
    `error[iommu-on] /runtimes/0/gpus/0
runtime 1: 0000:01:00.0 is in no IOMMU group, though an IOMMU is on
help: no IOMMU of the host covers its slot: move the card to another one`,
  ]);
});

test.for(['intel', 'amd', 'other'] as const)(
  'wants interrupt remapping of %s, and never to go without',
  (cpuVendor) => {
    const pci = { hasInterruptRemapping: false, cpuVendor, kernelCommandLine: 'ro intremap=off' };
    const [found, ...others] = check({ devices: [gpu], pci });
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      rule: 'interrupt-remapping',
      subject: 'host',
      message: 'interrupts are not remapped: the kernel refuses to pass any device on',
    });
    expect(found?.help).toContain('the kernel was started with intremap=off: remove that');
    expect(found?.help).not.toContain('unsafe');
    const plain = check({ devices: [gpu], pci: { hasInterruptRemapping: false, cpuVendor } });
    expect(plain[0]?.help).toMatch(/, then reboot$/);
  },
);

test('takes interrupt remapping for granted where it cannot be told', () => {
  expect(check({ devices: [gpu], pci: { hasInterruptRemapping: undefined } })).toEqual([]);
});

test('wants the driver in the running kernel', () => {
  expect(check({ devices: [gpu], pci: { hasVfioPci: false } })).toMatchObject([
    {
      rule: 'vfio-module',
      subject: 'host',
      message: 'the running kernel has no vfio-pci driver',
    },
  ]);
});
