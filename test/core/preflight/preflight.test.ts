import { expect, test } from 'vitest';
import { blockers, prepareInstall } from '../../../src/cli/prepare.ts';
import { loadConfig } from '../../../src/core/config/load.ts';
import { noChoices } from '../../../src/core/plan/choices.ts';
import { describedHost, type HostDescription } from '../../support/world.ts';

const twoNodes = [
  { cpus: '0-31', memoryGib: 256 },
  { cpus: '32-63', memoryGib: 256 },
];
const gpu = { id: '10de:2330', class: '030200', reset: 'flr' };
const onNode1 = [{ ...gpu, address: '0000:01:00.0', group: 10, numaNode: 1 }];

const options = { allowEmpty: false, choices: noChoices };

/** A config of version 2 with one runtime, to which a test adds. */
function config(runtime: string, rest = ''): string {
  return `schema_version = 2\n${rest}\n[global]\nuser = "sdake"\n[[runtimes]]\nindex = 1\nname = "a"\n${runtime}\n`;
}

async function findings(text: string, description: HostDescription) {
  const { result } = loadConfig(new TextEncoder().encode(text));
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  const prepared = await prepareInstall(result.value, describedHost(description), options);
  return { all: prepared.findings, errors: blockers(prepared), plan: prepared.wholePlan };
}

async function rulesFor(text: string, description: HostDescription) {
  const { all } = await findings(text, description);
  return all.map(({ severity, rule }) => `${severity} ${rule}`);
}

test('a host that has everything is not complained about', async () => {
  expect(await rulesFor(config('gpus = ["0000:01:00.0"]'), {})).toEqual([]);
});

const GPU = 'gpus = ["0000:01:00.0"]';
const cases: readonly (readonly [string, string, HostDescription, string])[] = [
  [
    'the home of the service user holds the record that root follows',
    config(''),
    {
      accounts: ['sdake:x:1000:1000:,,,:/var/lib/vllmd:/bin/bash'],
    },
    'error home-apart: give the account a home of its own: sudo usermod --home /home/sdake',
  ],
  [
    'there is no group kvm',
    config(''),
    { groups: ['sdake:x:1000:'] },
    'error kvm-group: sudo groupadd --system kvm',
  ],
  [
    'the firmware may not be read by the service user',
    config('', '[boot]\nfirmware = "/srv/fw"'),
    { files: { '/srv/fw': { text: 'x', mode: 0o600 } } },
    'error file-readable: sdake may not read /srv/fw',
  ],
  [
    'cloud-hypervisor is too old',
    config(''),
    { cloudHypervisor: 'cloud-hypervisor v51.1.0' },
    'error cloud-hypervisor-supported: cloud-hypervisor 51.1 is too old: 51.2 is the oldest that vllmd works with, 53.0 is recommended',
  ],
  [
    'cloud-hypervisor 52.0 would take twice the memory',
    config(''),
    { cloudHypervisor: 'cloud-hypervisor v52.0.0' },
    'error cloud-hypervisor-supported: cloud-hypervisor 52.0 takes twice the memory',
  ],
  [
    'cloud-hypervisor 52.0 gets hugepages, where it does not',
    config('', '[memory]\nhugepages = "2M"'),
    { cloudHypervisor: 'cloud-hypervisor v52.0.0' },
    'warning cloud-hypervisor-supported: cloud-hypervisor 52.0 works',
  ],
  [
    'cloud-hypervisor is not the recommended one',
    config(''),
    { cloudHypervisor: 'cloud-hypervisor v51.2' },
    'warning cloud-hypervisor-supported: cloud-hypervisor 51.2 works; 53.0 or newer is recommended',
  ],
  [
    'cloud-hypervisor prints no version',
    config(''),
    { cloudHypervisor: 'hello' },
    'error cloud-hypervisor-version: cloud-hypervisor --version prints no version: "hello"',
  ],
  [
    'the base image is not raw',
    config('', '[storage]\nbase_image = "/srv/b.img"'),
    { files: { '/srv/b.img': 'vhdxfile' } },
    'error image-raw: qemu-img convert -O raw /srv/b.img',
  ],
  [
    'there is too little room for a copy of the base image',
    config('', '[storage]\nbase_image = "/srv/b.img"'),
    { files: { '/srv/b.img': 'x'.repeat(100) }, freeGib: 0 },
    'error disk-space: make room',
  ],
  [
    'the disks may outgrow the filesystem',
    config('disk_gb = 100'),
    { freeGib: 99 },
    'warning disk-overcommitted: may grow to 100 GiB together, 99 GiB are free',
  ],
  [
    'the runtimes of a node want more memory than the node has',
    config(`${GPU}\nmemory_gb = 300`),
    { pci: onNode1, numa: twoNodes },
    'error memory-fits-node: NUMA node 1 has 256 GiB, and the runtimes with GPUs there want 300 GiB (runtime 1: 300 GiB)',
  ],
  [
    'a runtime cannot be near all its GPUs',
    config('gpus = ["0000:01:00.0", "0000:02:00.0"]\ncpus = 1'),
    {
      pci: [...onNode1, { ...gpu, address: '0000:02:00.0', group: 11, numaNode: 0 }],
      numa: twoNodes,
    },
    'warning memory-near-gpus: NUMA nodes 0 and 1',
  ],
  [
    'the CPU has no pages of 1 GiB',
    config('', '[memory]\nhugepages = "1G"'),
    { numa: [{ cpus: '0-63', memoryGib: 512, hugepages: { '2M': 0 } }] },
    'error hugepage-size: pdpe1gb',
  ],
  [
    'the uplink does not exist',
    config('', '[network]\ndefault_interface = "eth7"'),
    {},
    'error uplink-present: the host has no interface "eth7"',
  ],
  [
    'the name of the bridge is taken by something else',
    config('', '[network]\nbridge_name = "bond0"'),
    { interfaces: { bond0: 'other' } },
    'error bridge-name-free: "bond0" is an interface of the host and no bridge, and vllmd makes',
  ],
  [
    'the name of the bridge is that of somebody else',
    config('', '[network]\nbridge_name = "br0"'),
    { interfaces: { br0: 'bridge' } },
    'error bridge-name-free: "br0" is a bridge of the host, and vllmd makes its own with mode = "nat"',
  ],
  [
    'the runtimes leave next to nothing for the host',
    config('memory_gb = 500'),
    {},
    'warning memory-left-for-host: leaves 12 GiB for the host itself',
  ],
  [
    'hugepages of another size hold the memory',
    config('memory_gb = 200'),
    { numa: [{ cpus: '0-63', memoryGib: 512, hugepages: { '2M': 0, '1G': 400 } }] },
    'error memory-fits-host: the host has 112 GiB beside 400 GiB in hugepages that they do not use',
  ],
  [
    'the CPUs of a node are too few for the runtimes there',
    config(`${GPU}\ncpus = 40`),
    { pci: onNode1, numa: twoNodes },
    'warning cpus-fit-node: NUMA node 1 has 32 CPUs, and the runtimes with GPUs there want 40',
  ],
  [
    'the bridge that is to be used is not there',
    config('', '[network]\nmode = "bridge"\nbridge_name = "br7"'),
    {},
    'error bridge-present: the host has no "br7"',
  ],
  [
    'what is called like the bridge is none',
    config('', '[network]\nmode = "bridge"\nbridge_name = "eth0"'),
    {},
    'error bridge-present: no bridge is called "eth0"',
  ],
  [
    'the subnet of the guests is in use',
    config(''),
    { routes: ['10.77.0.0/16'] },
    'error subnet-free: overlaps 10.77.0.0/16, which the host reaches through eth0',
  ],
  [
    'the tun device is missing',
    config(''),
    { missing: ['/dev/net/tun'] },
    'error file-present: modprobe tun',
  ],
  [
    'a file of user data does not exist',
    config('', '[guest]\nuser_data = "/srv/ud"'),
    {},
    'error user-data: /srv/ud does not exist',
  ],
  [
    'a file of user data is nothing that cloud-init knows',
    config('', '[guest]\nuser_data = "/srv/ud"'),
    { files: { '/srv/ud': 'hello\n' } },
    'error user-data: would be ignored',
  ],
  [
    'a program that an install calls is missing',
    config(''),
    { missing: ['/usr/bin/flock'] },
    'error program-present: flock is not installed sudo apt install util-linux',
  ],
  [
    'the program that checks units is missing',
    config(''),
    { missing: ['/usr/bin/systemd-analyze'] },
    'error program-present: systemd-analyze is not installed',
  ],
  [
    'a boot could not recover from an interrupted install',
    config(''),
    { missing: ['/usr/local/bin/vllmd'] },
    'warning program-in-path: systemd finds no vllmd',
  ],
];

test.for(cases)('it is said when %s', async ([, text, description, expected]) => {
  const { all } = await findings(text, description);
  const [, severity, rule, part] = /^(\w+) ([\w-]+): (.*)$/s.exec(expected) ?? [];
  const found = all.find((diagnostic) => diagnostic.rule === rule);
  expect(found).toMatchObject({ severity });
  expect(`${found?.message} ${found?.help}`).toContain(part);
});

test.for([
  ['another subnet', config('', '[network]\nsubnet = "10.9.0.0/24"'), { routes: ['10.77.0.0/16'] }],
  ['an own bridge', config(''), { interfaces: { 'vllmd-br0': 'own' as const } }],
  [
    'a bridge that is there',
    config('', '[network]\nmode = "bridge"\nbridge_name = "br7"'),
    { interfaces: { br7: 'bridge' as const }, routes: ['10.77.0.0/16'] },
  ],
  [
    'no network and none of its programs',
    config('', '[network]\nmode = "none"'),
    { missing: ['/usr/sbin/ip', '/usr/sbin/nft', '/dev/net/tun'] },
  ],
] as const)('nothing is said of %s', async ([, text, description]) => {
  expect(await rulesFor(text, description)).toEqual([]);
});

test.for([
  ['systemd 251 (251.4-1ubuntu7)\n+PAM +AUDIT\n', ['error systemd-version']],
  ['systemd 252 (252.39-1~deb12u2)\n+PAM +AUDIT\n', []],
  ['systemd 258~rc1 (258~rc1-1)\n', []],
  ['', []],
] as const)('systemd is too old before 252: %j', async ([stdout, expected]) => {
  const host = describedHost();
  const query: typeof host.query = async (argv) =>
    argv.join(' ') === 'systemctl --version'
      ? { exitCode: 0, stdout, stderr: '' }
      : host.query(argv);
  const { result } = loadConfig(new TextEncoder().encode(config('')));
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  const { findings: all } = await prepareInstall(result.value, { ...host, query }, options);
  expect(all.map(({ severity, rule }) => `${severity} ${rule}`)).toEqual(expected);
});

test('the plan says where memory and CPUs of a runtime are put', async () => {
  const { plan } = await findings(config(GPU), { pci: onNode1, numa: twoNodes });
  expect(plan.notices).toContainEqual({
    unit: 'runtime 1',
    text: '16 GiB and 4 virtual CPUs on NUMA node 1 (CPUs 32-63), where its GPUs are',
  });
});

test('a change of the kernel command line is said to need update-grub and a reboot', async () => {
  const { plan } = await findings(config(GPU, '[host]\nkernel_cmdline = "grub"'), {});
  expect(plan.notices).toContainEqual({
    path: '/etc/default/grub.d/vllmd.cfg',
    text: 'takes effect after `update-grub` and a reboot of the host',
  });
});
