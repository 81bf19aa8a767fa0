import { expect, test } from 'vitest';
import { redactNames } from '../../../src/core/recording/redact.ts';
import {
  reduceCommandLine,
  reduceMountinfo,
  reduceRoutes,
} from '../../../src/core/recording/reduce-kernel.ts';

test('an interface that is called by its MAC address is in no listing and has no name in a route', () => {
  const names = ['enp1s0f0np0', 'enx0a1b2c3d4e5f', 'br-3f2a1b4c5d6e'];
  expect(redactNames('/sys/class/net', names).names).toEqual(['enp1s0f0np0']);
  const route = 'enx0a1b2c3d4e5f\t00000000\t010011AC\t0003\t0\t0\t100\t00000000\t0\t0\t0';
  const text = reduceRoutes(`Iface\tDestination\tGateway\n${route}\n`);
  expect(text).toContain('\nenxhidden\t00000000\t00000000\t0003');
});

test('a virtual GPU that is called by its UUID is in no listing', () => {
  const names = ['0000:01:00.4', 'aa618089-8b16-4d01-a136-25a0f3c73123', 'hugepages-1048576kB'];
  const kept = ['0000:01:00.4', 'hugepages-1048576kB'];
  expect(redactNames('/sys/bus/pci/devices/0000:01:00.0', names).names).toEqual(kept);
});

test('a mount of a server or a person shows no more than that there is one, unless a config has its files there', () => {
  const lines = [
    '30 1 8:1 / / rw - ext4 /dev/sda1 rw',
    '31 30 0:50 / /net/fileserver.acme.corp/export rw - nfs4 fileserver:/export rw',
    '32 30 0:51 / /home/alice.smith/notes rw - fuse.sshfs alice@host: rw',
    '33 30 0:52 / /srv/vllmd ro - nfs4 fileserver:/vllmd rw',
  ];
  const hasPathBelow = (path: string) => path === '/srv/vllmd';
  expect(reduceMountinfo(`${lines.join('\n')}\n`, { hasPathBelow }).split('\n')).toEqual([
    '30 1 8:1 / / rw - ext4 /dev/sda1 rw',
    '31 30 0:50 / /(hidden) rw - nfs4 none rw',
    '32 30 0:51 / /(hidden) rw - fuse.sshfs none rw',
    '33 30 0:52 / /srv/vllmd ro - nfs4 none rw',
    '',
  ]);
});

test.for([
  ['kvm.password=hunter2', 'kvm.password=(hidden)'],
  ['nvidia.NVreg_RegistryDwords=alice', 'nvidia.NVreg_RegistryDwords=(hidden)'],
  ['cgroup_owner=alice', 'cgroup_owner=(hidden)'],
  ['kvm_intel.nested=1', undefined],
  ['kvm-intel.vmentry_l1d_flush=cond', undefined],
  ['vfio-pci.ids=10de:2330,10de:22a3', undefined],
  ['pcie_acs_override=downstream,multifunction', undefined],
  ['iommu.passthrough=1', undefined],
  ['cgroup_disable=memory', undefined],
] as const)('of a kernel parameter %s a recording has %s', ([word, kept]) => {
  expect(reduceCommandLine(`${word}\n`)).toBe(`${kept ?? word}\n`);
});
