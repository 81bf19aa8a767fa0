import type { HostDescription } from '../support/world.ts';

/** A file's text, whose it is, or where a link of a user leads. */
type Edit = string | { readonly uid: number } | { readonly link: string };

/** A host that breaks a rule for a config, and what an install of another config has left there. */
export type HostCase = {
  readonly id: string;
  readonly config: string;
  readonly host?: HostDescription;
  /** Installed before. */
  readonly before?: string;
  /** What somebody has changed after that. */
  readonly edits?: Readonly<Record<string, Edit>>;
  /** What `systemctl --version` prints. */
  readonly systemdVersion?: string;
  /** Bytes of files that are too large to be written out here. */
  readonly sizes?: Readonly<Record<string, number>>;
};

const gpu = { id: '10de:2330', subsystem: '10de:16c1', class: '030200', reset: 'flr' };
const first = { ...gpu, address: '0000:01:00.0', group: 10, driver: 'nvidia' };
const second = { ...gpu, address: '0000:02:00.0', group: 11, driver: 'nvidia' };
const twoNodes = [
  { cpus: '0-31', memoryGib: 256 },
  { cpus: '32-63', memoryGib: 256 },
];
const STATE = '/home/sdake/.local/state/vllmd-hypervisor';

/** Version 2, one runtime. */
function config(runtime = '', tables = '', global = ''): string {
  const parts = [
    'schema_version = 2\n',
    tables,
    `[global]\nuser = "sdake"\n${global}`,
    `[[runtimes]]\nindex = 1\nname = "first"\n${runtime}`,
  ];
  return `${parts
    .filter((part) => part !== '')
    .map((part) => part.trimEnd())
    .join('\n\n')}\n`;
}

const withGpu = config('gpus = ["0000:01:00.0"]');

function twoRuntimes(one: string, other: string): string {
  return `${config(one)}\n[[runtimes]]\nindex = 2\nname = "second"\n${other}\n`;
}

const accounts: readonly HostCase[] = [
  { id: 'user-exists', config: config(), host: { accounts: [] } },
  {
    id: 'home-exists',
    config: config(),
    host: { accounts: ['sdake:x:1000:1000::/home/nobody-made:/bin/bash'] },
  },
  {
    id: 'home-apart',
    config: config(),
    host: { accounts: ['sdake:x:1000:1000::/var/lib/vllmd:/bin/bash'] },
  },
  { id: 'kvm-group', config: config(), host: { groups: ['sdake:x:1000:'] } },
  {
    id: 'file-readable',
    config: config('', '[boot]\nfirmware = "/srv/CLOUDHV.fd"'),
    host: { files: { '/srv/CLOUDHV.fd': { text: 'x', mode: 0o600 } } },
  },
  {
    id: 'disk-belongs-to-user',
    config: config(),
    before: config(),
    edits: { [`${STATE}/runtime-1/disk.raw`]: { uid: 1001 } },
  },
];

const disks: readonly HostCase[] = [
  {
    id: 'image-larger-than-disk',
    config: config('disk_gb = 1', '[storage]\nbase_image = "/srv/base.raw"'),
    host: { files: { '/srv/base.raw': 'x' } },
    sizes: { '/srv/base.raw': 3 * 2 ** 30 },
  },
  {
    id: 'disk-space',
    config: config('', '[storage]\nbase_image = "/srv/base.raw"'),
    host: { files: { '/srv/base.raw': 'x' }, freeGib: 2 },
    sizes: { '/srv/base.raw': 3 * 2 ** 30 },
  },
  { id: 'disk-overcommitted', config: config('disk_gb = 100'), host: { freeGib: 99 } },
  {
    id: 'image-raw',
    config: config('', '[storage]\nbase_image = "/srv/base.img"'),
    host: { files: { '/srv/base.img': 'vhdxfile' } },
  },
];

const memory: readonly HostCase[] = [
  { id: 'memory-fits-host', config: config('memory_gb = 600') },
  {
    id: 'memory-fits-node',
    config: config('gpus = ["0000:01:00.0"]\nmemory_gb = 300'),
    host: { pci: [{ ...first, numaNode: 1 }], numa: twoNodes },
  },
  { id: 'memory-left-for-host', config: config('memory_gb = 500') },
  { id: 'cpus-fit-host', config: config('cpus = 65') },
  {
    id: 'cpus-fit-node',
    config: config('gpus = ["0000:01:00.0"]\ncpus = 40'),
    host: { pci: [{ ...first, numaNode: 1 }], numa: twoNodes },
  },
  {
    id: 'memory-near-gpus',
    config: config('gpus = ["0000:01:00.0", "0000:02:00.0"]\ncpus = 1'),
    host: {
      pci: [
        { ...first, numaNode: 1 },
        { ...second, numaNode: 0 },
      ],
      numa: twoNodes,
    },
  },
  {
    id: 'hugepage-size',
    config: config('', '[memory]\nhugepages = "1G"'),
    host: { numa: [{ cpus: '0-63', memoryGib: 512, hugepages: { '2M': 0 } }] },
  },
  {
    id: 'hugepages-reserved',
    config: config('memory_gb = 16', '[memory]\nhugepages = "1G"'),
    host: { numa: [{ cpus: '0-63', memoryGib: 512, hugepages: { '2M': 0, '1G': 4 } }] },
  },
];

const kernel: readonly HostCase[] = [
  {
    id: 'grub-reads-drop-ins',
    config: config('gpus = ["0000:01:00.0"]', '[host]\nkernel_cmdline = "grub"'),
    host: { distribution: 'fedora' },
  },
];

const network: readonly HostCase[] = [
  { id: 'uplink-present', config: config('', '[network]\ndefault_interface = "eth7"') },
  {
    id: 'bridge-name-free',
    config: config('', '[network]\nbridge_name = "br0"'),
    host: { interfaces: { br0: 'bridge' } },
  },
  { id: 'bridge-present', config: config('', '[network]\nmode = "bridge"\nbridge_name = "br7"') },
  { id: 'subnet-free', config: config(), host: { routes: ['10.77.0.0/16'] } },
];

const software: readonly HostCase[] = [
  { id: 'systemd-runs', config: config(), host: { systemd: false } },
  { id: 'systemd-version', config: config(), systemdVersion: 'systemd 249 (249.11-0ubuntu3)' },
  { id: 'program-present', config: config(), host: { missing: ['/usr/sbin/nft'] } },
  { id: 'program-in-path', config: config(), host: { missing: ['/usr/local/bin/vllmd'] } },
  { id: 'file-present', config: config(), host: { missing: ['/dev/kvm'] } },
  {
    id: 'read-only-filesystem',
    config: config(),
    host: { files: { '/proc/self/mountinfo': '21 1 259:1 / / ro shared:1 - ext4 /dev/sda1 ro\n' } },
  },
  { id: 'cloud-hypervisor-version', config: config(), host: { cloudHypervisor: 'hello' } },
  {
    id: 'cloud-hypervisor-supported',
    config: config(),
    host: { cloudHypervisor: 'cloud-hypervisor v51.1.0' },
  },
  { id: 'user-data', config: config('', '[guest]\nuser_data = "/srv/user-data"') },
  { id: 'llama-config', config: config('[runtimes.llama]\nconfig = "/srv/llama.toml"') },
  {
    id: 'hive-key-file',
    config: config('', '[hive]\nurl = "http://127.0.0.1:8800"\nkey_file = "/srv/hive.key"'),
  },
];

const devices: readonly HostCase[] = [
  { id: 'gpu-present', config: config('gpus = ["0000:09:00.0"]') },
  {
    id: 'gpu-identity',
    config: withGpu,
    before: withGpu,
    edits: { '/sys/bus/pci/devices/0000:01:00.0/device': '0x26b9\n' },
  },
  {
    id: 'gpu-is-endpoint',
    config: withGpu,
    host: { pci: [{ ...first, id: '8086:a338', class: '060400', header: 1, driver: 'pcieport' }] },
  },
  {
    id: 'gpu-class',
    config: withGpu,
    host: { pci: [{ ...first, id: '8086:1533', class: '020000', driver: 'igb' }] },
  },
  { id: 'gpu-supported', config: withGpu, host: { pci: [{ ...first, id: '10de:2901' }] } },
  { id: 'gpu-reset', config: withGpu, host: { pci: [{ ...first, reset: '' }] } },
  {
    id: 'boot-vga',
    config: withGpu,
    host: { pci: [{ ...first, class: '030000', bootVga: true }] },
  },
  { id: 'virtual-functions-off', config: withGpu, host: { pci: [{ ...first, numvfs: 4 }] } },
  {
    id: 'device-in-use',
    config: withGpu,
    host: { pci: [{ ...first, net: [{ name: 'eth4', up: true }] }] },
  },
  {
    id: 'device-held',
    config: withGpu,
    host: {
      pci: [
        {
          ...first,
          holders: [{ pid: 812, name: 'nvidia-persistenced', node: '/dev/nvidia0' }],
        },
      ],
    },
  },
  { id: 'iommu-on', config: withGpu, host: { pci: [first], iommu: false } },
  { id: 'interrupt-remapping', config: withGpu, host: { pci: [first], interruptRemapping: false } },
  { id: 'vfio-module', config: withGpu, host: { pci: [first], vfioPci: false } },
  {
    id: 'group-one-runtime',
    config: twoRuntimes('gpus = ["0000:01:00.0"]', 'gpus = ["0000:02:00.0"]'),
    host: { pci: [first, { ...second, group: 10 }] },
  },
  {
    id: 'iommu-group-viable',
    config: withGpu,
    host: { pci: [first, { ...second, group: 10 }] },
  },
  {
    id: 'nvswitch-partition',
    config: withGpu,
    host: {
      pci: [
        first,
        second,
        { ...gpu, id: '10de:22a3', class: '068000', address: '0000:07:00.0', group: 12 },
      ],
    },
  },
];

const changes: readonly HostCase[] = [
  { id: 'runtimes-stay', config: '[global]\nuser = "sdake"\n', before: config() },
  {
    id: 'prevent-removal',
    config: config().replace('index = 1', 'index = 2'),
    before: config('prevent_removal = true'),
  },
  {
    id: 'disk-left-behind',
    config: config('', '', 'state_dir = "/srv/vllmd"'),
    before: config(),
    edits: { [`${STATE}/runtime-1/disk.raw`]: { uid: 1000 } },
  },
  {
    id: 'drifted',
    config: config(),
    before: config(),
    edits: { '/etc/systemd/system/vllmd.slice': '[Slice]\nMemoryMax=400G\n' },
  },
  {
    id: 'foreign',
    config: config(),
    host: { files: { '/etc/systemd/system/vllmd.slice': '[Slice]\n' } },
  },
  { id: 'unsafe', config: config(), edits: { '/home/sdake/.config': { link: '/home/sdake/x' } } },
  {
    id: 'masked',
    config: config(),
    before: config(),
    edits: { '/etc/systemd/system/vllmd-network.service': { link: '/dev/null' } },
  },
  {
    id: 'shadowed',
    config: config(),
    host: { files: { '/usr/lib/systemd/system/vllmd.slice': '[Slice]\n' } },
  },
];

export const hostCases: readonly HostCase[] = [
  ...accounts,
  ...disks,
  ...memory,
  ...kernel,
  ...network,
  ...software,
  ...devices,
  ...changes,
];
