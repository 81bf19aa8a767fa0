import { expect, test } from 'vitest';
import { explanations } from '../../src/core/catalogue/explanations.gen.ts';
import { precheck } from '../../src/core/precheck/precheck.ts';
import { readPrecheck } from '../../src/host/read-precheck.ts';
import { describedHost, type HostDescription } from '../support/world.ts';
import { pageOf } from './page.ts';

const gpu = { address: '0000:03:00.0', id: '10de:2330', class: '030200', bars: ['64M', '128G'] };
const port = { address: '0000:00:01.0', id: '8086:352a', class: '060400', buses: '03-03' };
const disk = { address: '0000:05:00.0', id: '144d:a808', class: '010802', driver: 'nvme' };
const one: HostDescription = { pci: [port, { ...gpu, group: 7 }] };
const nodes = [
  { cpus: '0-31', memoryGib: 256 },
  { cpus: '32-63', memoryGib: 256 },
];

/** A host of which a precheck says something under each id that no install has, where there is one that is not well. */
const hosts: Readonly<Record<string, HostDescription>> = {
  'cpu-virtualisation': { cpuFlags: 'fpu', missing: ['/dev/kvm'] },
  'cpu-hypervisor': { cpuFlags: 'vmx hypervisor' },
  'cpu-threads': { smt: true },
  'cpu-isolated': { files: { '/sys/devices/system/cpu/isolated': '2-31\n' } },
  'kvm-access': { kvmMode: '0600' },
  'kvm-module': {},
  'kvm-nested': { nested: true },
  'iommu-parameters': one,
  'unsafe-interrupts': {
    files: { '/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts': 'Y\n' },
  },
  'no-iommu-mode': {
    files: { '/sys/module/vfio/parameters/enable_unsafe_noiommu_mode': 'Y\n' },
  },
  acs: {
    pci: [
      { ...port, acs: 'off' },
      { ...gpu, group: 7 },
    ],
  },
  'acs-override': { ...one, kernelCommandLine: 'pcie_acs_override=downstream' },
  'gpus-found': { pci: [] },
  'gpus-usable': {
    pci: [
      { ...gpu, group: 8 },
      { ...disk, group: 8 },
    ],
  },
  'boot-display': { pci: [{ ...gpu, class: '030000', bootVga: true }] },
  'gpu-isolation': one,
  'gpu-bars': { pci: [{ ...gpu, group: 7, bars: ['16M'] }] },
  'gpu-interrupts': { pci: [{ ...gpu, group: 7, vectors: 0 }] },
  'memory-size': { memoryGib: 96, availableGib: 90 },
  'hugepages-found': {},
  'numa-nodes': { numa: nodes, pci: [{ ...gpu, group: 7 }] },
  'kernel-version': { kernelRelease: '3.10.0-1160.el7' },
  mitigations: { vulnerabilities: { retbleed: 'Vulnerable', mds: 'Not affected' } },
  'mitigations-unknown': { vulnerabilities: { mds: 'Unknown: No mitigations' } },
  'mitigations-smt': {
    vulnerabilities: { mds: 'Mitigation: Clear CPU buffers; SMT vulnerable' },
  },
  'mitigations-off': { kernelCommandLine: 'quiet mitigations=off' },
  'ch-remote-version': { chRemote: 'ch-remote v51.0' },
  'network-devices': {},
  memlock: { ...one, lockedBytes: 8_388_608 },
  'config-valid': {},
};

async function saidOf(id: string, host: HostDescription): Promise<string> {
  const view = await readPrecheck(describedHost(host), undefined);
  const config = { kind: 'none', why: 'no config' } as const;
  const { subsystems } = precheck({ ...view, config, isRoot: true });
  const checks = subsystems.flatMap((subsystem) => subsystem.checks);
  const [check] = checks.filter((one_) => one_.id === id);
  if (check === undefined) throw new Error(`nothing is said of ${id}`);
  const { verdict, message, detail = [], remedy = [] } = check;
  return [`${verdict.toUpperCase()}  ${id}  ${message}`, ...detail, ...remedy].join('\n  ');
}

test.for(Object.entries(hosts))('the page of %s, and what a precheck says', async ([id, host]) => {
  const shown = await pageOf(id, await saidOf(id, host));
  await expect(shown).toMatchFileSnapshot(`expected/${id}.txt`);
});

test('each of the pages that are about a precheck has such a host', () => {
  const pages = explanations.filter(({ area }) => area === 'How ready a host is');
  expect(pages.map(({ id }) => id)).toEqual(Object.keys(hosts));
});
