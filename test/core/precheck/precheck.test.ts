import { expect, test } from 'vitest';
import { run } from '../../../src/cli/run.ts';
import { findRule } from '../../../src/core/catalogue/find-rule.ts';
import type { ConfigInput } from '../../../src/core/config/config-input.gen.ts';
import { loadConfig } from '../../../src/core/config/load.ts';
import { type Precheck, precheck } from '../../../src/core/precheck/precheck.ts';
import type { ConfigInView } from '../../../src/core/precheck/view.ts';
import type { Host } from '../../../src/host/host.ts';
import { readPrecheck } from '../../../src/host/read-precheck.ts';
import { describedHost, type HostDescription, testWorld } from '../../support/world.ts';

type Row = { readonly id: string; readonly verdict: string; readonly text: string };

async function checksOf(host: Host, isRoot = true, input?: ConfigInput): Promise<readonly Row[]> {
  const view = await readPrecheck(host, input);
  const config: ConfigInView =
    input === undefined
      ? { kind: 'none', why: 'no config' }
      : { kind: 'valid', file: 'vllmd.toml', forgiven: [] };
  return rowsOf(precheck({ ...view, config, isRoot }));
}

/** With a config of one runtime. */
async function configured(host: Host, runtime: string): Promise<readonly Row[]> {
  const text = `schema_version = 2\n[global]\nuser = "sdake"\n[[runtimes]]\nindex = 1\nname = "a"\n${runtime}\n`;
  const { result } = loadConfig(new TextEncoder().encode(text), 'strict');
  if (!result.ok) throw new Error(JSON.stringify(result.diagnostics));
  const view = await readPrecheck(host, result.value);
  const config = { kind: 'valid', file: 'a.toml', forgiven: [] } as const;
  return rowsOf(precheck({ ...view, config, isRoot: true }));
}

function rowsOf(result: Precheck): readonly Row[] {
  return result.subsystems.flatMap(({ checks }) =>
    checks.map(({ id, verdict, message, remedy = [], detail = [], needsRoot }) => ({
      id,
      verdict: needsRoot === true ? `${verdict}, needs root` : verdict,
      text: [message, ...detail, ...remedy].join('\n'),
    })),
  );
}

const gpu = { address: '0000:03:00.0', id: '10de:2330', class: '030200', bars: ['64M', '128G'] };
const port = { address: '0000:00:01.0', id: '8086:352a', class: '060400', buses: '03-03' };
const other = { ...gpu, address: '0000:04:00.0', group: 8 };
const one: HostDescription = { pci: [port, { ...gpu, group: 7 }] };
const nodes = [
  { cpus: '0-31', memoryGib: 256 },
  { cpus: '32-63', memoryGib: 256 },
];

const audio: HostDescription = {
  defaultRoute: { device: 'eno2', gateway: '192.168.1.1' },
  pci: [
    { ...port, group: 7, buses: '03-04' },
    { ...gpu, group: 7 },
    {
      address: '0000:04:00.0',
      id: '8086:1533',
      class: '020000',
      driver: 'igb',
      group: 7,
      net: [{ name: 'eno2', up: true }],
    },
  ],
};

type Case = readonly [
  title: string,
  host: HostDescription,
  id: string,
  verdict: string,
  ...says: readonly string[],
];

const cases: readonly Case[] = [
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
  ['a GPU alone in its group', one, 'gpu-isolation', 'pass', 'nothing but itself'],
  [
    'a GPU with a disk in its group, beside a good one',
    {
      pci: [
        { ...gpu, group: 7 },
        { ...gpu, address: '0000:04:00.0', group: 8 },
        { address: '0000:05:00.0', id: '144d:a808', class: '010802', driver: 'nvme', group: 8 },
      ],
    },
    'iommu-group-viable',
    'warn',
    '0000:04:00.0 cannot be passed on while its IOMMU group 8 is in use',
  ],
  [
    'no GPU that can be passed on',
    {
      pci: [
        { ...gpu, group: 8 },
        { address: '0000:05:00.0', id: '144d:a808', class: '010802', driver: 'nvme', group: 8 },
      ],
    },
    'gpus-usable',
    'fail',
    '0000:03:00.0',
  ],
  ['no GPU', { pci: [] }, 'gpus-found', 'warn', 'no GPU'],
  [
    'the display of the host, which stays with it',
    { pci: [{ ...gpu, class: '030000', bootVga: true }] },
    'boot-display',
    'info',
    '0000:03:00.0',
  ],
  ['a reset', one, 'gpu-reset', 'pass', 'flr bus'],
  [
    'no reset',
    { pci: [{ ...gpu, group: 7, reset: '' }] },
    'gpu-reset',
    'warn',
    'no way to be reset',
  ],
  ['a large window', one, 'gpu-bars', 'pass'],
  [
    'no large window',
    { pci: [{ ...gpu, group: 7, bars: ['16M'] }] },
    'gpu-bars',
    'warn',
    'Above 4G Decoding',
  ],
  ['MSI-X', one, 'gpu-interrupts', 'pass', '6 vectors'],
  ['no MSI', { pci: [{ ...gpu, group: 7, vectors: 0 }] }, 'gpu-interrupts', 'warn', 'neither MSI'],
  [
    'memory',
    { memoryGib: 96, availableGib: 90 },
    'memory-size',
    'pass',
    '96 GiB, 90 GiB available',
  ],
  ['too little memory', { memoryGib: 2 }, 'memory-size', 'fail', '2 GiB', 'keeps 4 GiB for itself'],
  ['just enough memory', { memoryGib: 5 }, 'memory-size', 'pass'],
  [
    'hugepages',
    { numa: [{ cpus: '0-63', memoryGib: 512, hugepages: { '2M': 0, '1G': 64 } }] },
    'hugepages-found',
    'pass',
    'node 0: 64 of 1 GiB, 64 free',
  ],
  ['no hugepages', {}, 'hugepages-found', 'info', 'memory.hugepages'],
  [
    'GPUs on nodes',
    { numa: nodes, pci: [{ ...gpu, group: 7, numaNode: 1 }] },
    'numa-nodes',
    'pass',
    'node 0 256 GiB with 0 devices, node 1 256 GiB with 1 device',
  ],
  [
    'a GPU on no node',
    { numa: nodes, pci: [{ ...gpu, group: 7 }] },
    'numa-nodes',
    'warn',
    'does not say on which of 2 NUMA nodes 0000:03:00.0 is',
  ],
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
  ['versions', {}, 'systemd-version', 'pass', 'systemd 257'],
  ['a host without systemd', { systemd: false }, 'systemd-runs', 'fail'],
  [
    'an old cloud-hypervisor',
    { cloudHypervisor: 'cloud-hypervisor v48.0' },
    'cloud-hypervisor-supported',
    'fail',
    '48.0 is too old',
  ],
  [
    'a ch-remote of another version',
    { chRemote: 'ch-remote v51.0' },
    'ch-remote-version',
    'warn',
    'ch-remote is 51.0, cloud-hypervisor is 53.0',
  ],
  [
    'a missing program',
    { missing: ['/usr/sbin/nft'] },
    'program-present',
    'fail',
    'nft',
    'sudo apt install nftables',
    'sudo apt install nftables',
  ],
  [
    'a missing firmware',
    { missing: ['/var/lib/vllmd/images/CLOUDHV.fd'] },
    'file-present',
    'warn',
    'CLOUDHV.fd does not exist',
    'edk2/releases',
  ],
  ['room for disks', { freeGib: 900 }, 'disk-space', 'pass', '900 GiB free'],
  ['little room for disks', { freeGib: 20 }, 'disk-space', 'warn', '20 GiB free'],
  ['/dev/net/tun', {}, 'network-devices', 'pass'],
  [
    'no /dev/net/tun',
    { missing: ['/dev/net/tun'] },
    'file-present',
    'fail',
    '/dev/net/tun',
    'sudo modprobe tun',
  ],
  ['a subnet that is in use', { routes: ['10.77.0.0/16'] }, 'subnet-free', 'warn', '10.77.0.0/16'],
  ['a systemd that can set limits', {}, 'memlock', 'pass', '`ulimit -l` of a shell does not count'],
  [
    'a container that may not set limits',
    { ...one, lockedBytes: 8_388_608 },
    'memlock',
    'fail',
    'CAP_SYS_RESOURCE',
    'LimitMEMLOCK=infinity',
  ],
  ['no config', {}, 'config-valid', 'info', 'vllmd precheck --config FILE'],
  [
    'a GPU that has fallen off the bus',
    { pci: [port, { ...gpu, group: 7, isSilent: true }, other] },
    'gpu-present',
    'warn',
    '0000:03:00.0 answers nothing',
  ],
  [
    'the interrupts of the others',
    { pci: [port, { ...gpu, group: 7, isSilent: true }, other] },
    'gpu-interrupts',
    'pass',
    '6 vectors',
  ],
  ['no GPU that answers', { pci: [{ ...gpu, group: 7, isSilent: true }] }, 'gpus-usable', 'fail'],
];

test.for(cases)('a precheck sees %s', async ([, host, id, verdict, ...says]) => {
  const found = (await checksOf(describedHost(host))).filter((row) => row.id === id);
  const row = found.find((one_) => one_.verdict === verdict);
  expect(found.map((other) => other.verdict)).toContain(verdict);
  for (const text of says) expect(row?.text).toContain(text);
});

test('every check that any of these hosts gets has a page', async () => {
  const rows = await Promise.all(cases.map(([, host]) => checksOf(describedHost(host))));
  const ids = new Set(rows.flat().map(({ id }) => id));
  expect([...ids].filter((id) => findRule(id) === undefined)).toEqual([]);
});

test('ACS that is on already is no advice, and a GPU of no runtime has no number', async () => {
  const texts = (await checksOf(describedHost(audio))).map(({ text }) => text).join('\n');
  expect(texts).not.toContain('enable ACS');
  expect(texts).not.toMatch(/runtime \d/);
});

test.for([
  [
    'gpus = ["0000:03:00.0"]\n\n[vfio]\nallow_group_members = ["0000:04:00.0"]',
    audio,
    [],
    '1 device configured: 1 × 10de:2330 3D controller',
  ],
  [
    'gpus = ["0000:16:00.0", "0000:27:00.0"]',
    one,
    [],
    'none of 2 configured devices is a card of the host\nthe GPUs of the host: 0000:03:00.0',
  ],
  [
    'gpus = ["0000:00:01.0", "0000:03:00.0"]',
    one,
    ['gpu-reset', 'gpu-bars', 'gpu-interrupts'],
    '1 of 2 configured devices is a card of the host: 1 × 10de:2330 3D controller\nthe GPUs of the host: 0000:03:00.0',
  ],
  ['gpus = ["0000:00:01.0"]', one, [], 'the configured device is no card of the host'],
] as const)(
  'of %s only cards are looked at, and the rest is named',
  async ([gpus, host, passed, found]) => {
    const rows = await configured(describedHost(host), gpus);
    expect(rows.find(({ id }) => id === 'gpus-found')?.text).toContain(found);
    const gpuChecks = ['gpu-isolation', 'gpu-reset', 'gpu-bars', 'gpu-interrupts'];
    const own = rows.filter(({ id }) => gpuChecks.includes(id));
    expect(own.filter(({ verdict }) => verdict !== 'pass')).toEqual([]);
    if (host === one) expect(own.map(({ id }) => id)).toEqual(passed);
    else expect(own.map(({ id }) => id)).not.toContain('gpu-isolation');
  },
);

test('what shares a group with a GPU is named, with what becomes of it', async () => {
  const idle = { address: '0000:04:00.1', id: '8086:1533', class: '020000', group: 7 };
  const beside = { ...idle, address: '0000:04:00.0', driver: 'igb' };
  const host = { pci: [{ ...gpu, group: 7 }, beside, idle] };
  const gpus = 'gpus = ["0000:03:00.0"]\n\n[vfio]\nallow_group_members = ["0000:04:00.0"]';
  const rows = await configured(describedHost(host), gpus);
  expect(rows.find(({ id }) => id === 'gpu-isolation')?.text).toBe(
    '0 in an IOMMU group of their own, 1 with others: 0000:04:00.0 taken along to the same VM; 0000:04:00.1 without a driver of the host',
  );
});

test('a host as it should be has nothing to warn of', async () => {
  const rows = await checksOf(describedHost(one));
  expect(rows.filter(({ verdict }) => !['pass', 'info'].includes(verdict))).toEqual([]);
});

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

test('the interrupts of a function that is no GPU are looked at where a config names it', async () => {
  const sound = { ...gpu, address: '0000:03:00.1', class: '040300', vectors: 1, group: 7 };
  const host = describedHost({ pci: [port, { ...gpu, group: 7 }, sound] });
  const gpus = [gpu.address, sound.address];
  const rows = await checksOf(host, true, {
    global: { user: 'vllm' },
    runtimes: [{ index: 1, name: 'one', gpus }],
  });
  const row = rows.find(({ id }) => id === 'gpu-interrupts');
  expect(row).toMatchObject({
    verdict: 'pass',
    text: expect.stringContaining('1 vector, 6 vectors'),
  });
});

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

test('without root a check says what it cannot see, and fails nothing for it', async () => {
  const host = describedHost(one);
  const limited: Host = {
    ...host,
    readBytes: async (path, count) => {
      const bytes = await host.readBytes(path, count);
      return path.endsWith('/config') ? bytes?.subarray(0, 64) : bytes;
    },
  };
  const rows = await checksOf(limited, false);
  const rooted = rows.filter(({ verdict }) => verdict === 'info, needs root');
  expect(rooted.map(({ id }) => id)).toEqual(['acs', 'gpu-interrupts']);
  const world = testWorld(limited, { uid: 1000, readConfigFile: () => ({ kind: 'absent' }) });
  expect(await run(['precheck', '--lenient'], world)).toBe(0);
  expect(world.out()).toContain(
    '2 checks could say more to root: sudo vllmd precheck --lenient\nREADY: ',
  );
  const recording = testWorld(limited, { uid: 1000, readConfigFile: () => ({ kind: 'absent' }) });
  expect(await run(['facts'], recording)).toBe(0);
  const bytes = new TextEncoder().encode(recording.out());
  const elsewhere = testWorld(host, { readConfigFile: () => ({ kind: 'bytes', bytes }) });
  expect(await run(['precheck', '--facts', '/facts.json'], elsewhere)).toBe(0);
  expect(elsewhere.out()).toContain(
    '2 checks could say more to root: on that host, sudo vllmd facts > facts.json\nREADY: ',
  );
});

test('a failure costs more than any warning, and one kind of problem counts once', async () => {
  const view = await readPrecheck(
    describedHost({ missing: ['/usr/sbin/nft', '/usr/sbin/ip'], freeGib: 20 }),
    undefined,
  );
  const result = precheck({ ...view, config: { kind: 'none', why: 'no config' }, isRoot: true });
  const scores = Object.fromEntries(result.subsystems.map(({ name, score }) => [name, score]));
  expect(scores).toMatchObject({ software: 40, storage: 90, cpu: 100 });
  expect(result).toMatchObject({ isReady: false, score: 40 });
});
