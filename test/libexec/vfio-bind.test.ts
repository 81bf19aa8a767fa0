import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { expect, test } from 'vitest';
import { type FakeDevice, PciHost } from './pci.ts';

const GPU = '0000:01:00.0';
const AUDIO = '0000:01:00.1';
const gpu: FakeDevice = { address: GPU, group: '11', driver: 'nvidia' };
const audio: FakeDevice = {
  address: AUDIO,
  group: '11',
  classCode: '0x040300',
  driver: 'snd_hda_intel',
};
const account = {
  VLLMD_VFIO_USER: userInfo().username,
  VLLMD_VFIO_GROUP: execFileSync('id', ['-gn'], { encoding: 'utf8' }).trim(),
};

function bind(host: PciHost, env: Readonly<Record<string, string>> = {}, address = GPU) {
  return host.run('vfio-bind', [address], { ...account, ...env });
}
async function refused(host: PciHost, env: Readonly<Record<string, string>> = {}, address = GPU) {
  const { code, stderr } = await bind(host, env, address);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(stderr).toMatch(/^vllmd: /);
  expect(code).toBe(1);
  return stderr;
}

test('takes a card with all its functions, and hands over the node', async () => {
  using host = new PciHost([gpu, audio]);
  expect(await bind(host)).toEqual({ code: 0, stdout: '', stderr: '' });
  expect([host.driverOf(GPU), host.driverOf(AUDIO)]).toEqual(['vfio-pci', 'vfio-pci']);
  expect(host.overrideOf(GPU)).toBe('vfio-pci');
  expect(host.log).toEqual([
    `unbind ${GPU}`,
    `drivers_probe ${GPU}`,
    `unbind ${AUDIO}`,
    `drivers_probe ${AUDIO}`,
  ]);
  expect(statSync(host.path('/dev/vfio/11')).mode & 0o777).toBe(0o600);
  expect(host.calls()).toContain('udevadm settle --timeout=10');
});

test('touches nothing that is right', async () => {
  using host = new PciHost([{ ...gpu, driver: 'vfio-pci' }]);
  await bind(host);
  const before = statSync(host.path('/dev/vfio/11')).ctimeMs;
  expect((await bind(host)).code).toBe(0);
  expect(host.log).toEqual([]);
  expect(host.overrideOf(GPU)).toBe('(null)');
  expect(statSync(host.path('/dev/vfio/11')).ctimeMs).toBe(before);
});

test('binds a device without a driver', async () => {
  using host = new PciHost([{ address: GPU, group: '11' }]);
  expect((await bind(host)).code).toBe(0);
  expect(host.log).toEqual([`drivers_probe ${GPU}`]);
});

test('prefers a driver that is made for the model', async () => {
  using host = new PciHost([gpu]);
  host.program(
    'modprobe',
    '[ "$1" != --resolve-alias ] || printf "vfio_pci\\nnvgrace_gpu_vfio_pci\\n"',
  );
  host.driver('nvgrace-gpu-vfio-pci');
  host.link(
    '/sys/module/nvgrace_gpu_vfio_pci/drivers/pci:nvgrace-gpu-vfio-pci',
    '/sys/bus/pci/drivers/nvgrace-gpu-vfio-pci',
  );
  expect((await bind(host)).code).toBe(0);
  expect(host.driverOf(GPU)).toBe('nvgrace-gpu-vfio-pci');
  expect(host.calls()[0]).toBe(
    'modprobe --resolve-alias vfio_pci:v000010DEd00002330sv000010DEsd000016C1bc03sc02i00',
  );
});

test('leaves the general driver under a running VM, though a better one is there by now', async () => {
  using host = new PciHost([{ ...gpu, driver: 'vfio-pci' }]);
  host.program('modprobe', '[ "$1" != --resolve-alias ] || echo nvgrace_gpu_vfio_pci');
  host.link(
    '/sys/module/nvgrace_gpu_vfio_pci/drivers/pci:nvgrace-gpu-vfio-pci',
    '/sys/bus/pci/drivers/vfio-pci',
  );
  host.process(700, 'cloud-hypervisor', '/dev/vfio/11', 'vllmd-runtime@1.service');
  expect((await bind(host)).code).toBe(0);
  expect(host.log).toEqual([]);
});

test('a virtual function stands for itself, and a card leaves its virtual functions alone', async () => {
  const virtual = { address: '0000:01:00.4', group: '14', attributes: { physfn: '' } };
  using host = new PciHost([gpu, { ...virtual, group: '11' }]);
  expect((await bind(host)).code).toBe(0);
  expect(host.driverOf('0000:01:00.4')).toBeUndefined();

  using other = new PciHost([
    { ...gpu, driver: 'vfio-pci' },
    { ...virtual, driver: 'nvidia' },
  ]);
  expect((await bind(other, {}, '0000:01:00.4')).code).toBe(0);
  expect(other.log).toEqual(['unbind 0000:01:00.4', 'drivers_probe 0000:01:00.4']);
});

test('names everything of the host that shares the IOMMU group', async () => {
  using host = new PciHost([
    gpu,
    { address: '0000:01:00.2', group: '11', classCode: '0x020000', driver: 'mlx5_core' },
    { address: '0000:02:00.0', group: '11', classCode: '0x010802', driver: 'nvme' },
    { address: '0000:00:01.0', group: '11', classCode: '0x060400', driver: 'pcieport' },
    { address: '0000:03:00.0', group: '11', classCode: '0x020000' },
  ]);
  const message = await refused(host);
  expect(message).toContain(
    'other devices of its IOMMU group 11: 0000:01:00.2 (class 0x020000, driver mlx5_core), ' +
      '0000:02:00.0 (class 0x010802, driver nvme); ',
  );
  expect(message).toContain('vfio.allow_group_members');
  expect(host.log).toEqual([]);
});

test('takes members of the group along that the config allows, and waits for no other unit', async () => {
  using host = new PciHost([
    gpu,
    { address: '0000:02:00.0', group: '11', classCode: '0x020000', driver: 'mlx5_core' },
    { address: '0000:03:00.0', group: '11', driver: 'nvidia' },
    { address: '0000:03:00.1', group: '11', classCode: '0x040300', driver: 'snd_hda_intel' },
    { address: '0000:04:00.0', group: '12', classCode: '0x020000', driver: 'mlx5_core' },
  ]);
  host.file('/etc/vllmd/vfio-0000:03:00.0.env', '');
  const { code, stderr } = await bind(host, { VLLMD_VFIO_ALLOW: '0000:02:00.0 0000:04:00.0' });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(host.driverOf('0000:02:00.0')).toBe('vfio-pci');
  expect(host.driverOf('0000:03:00.0')).toBe('nvidia');
  expect(host.driverOf('0000:04:00.0')).toBe('mlx5_core');
});

test.for<[string, FakeDevice | undefined, RegExp]>([
  [
    'a device that is gone',
    undefined,
    /no such PCI device; it may have been removed or have failed; see: lspci -D, journalctl -k/,
  ],
  [
    'storage',
    { ...gpu, classCode: '0x010802' },
    /storage or network controller \(class 0x010802\).*did PCI addresses move\?/,
  ],
  ['network', { ...gpu, classCode: '0x020000' }, /vfio\.allow_group_members/],
  ['a bridge', { ...gpu, classCode: '0x060400' }, /is a PCI bridge/],
  [
    'the boot display',
    { ...gpu, attributes: { boot_vga: '1' } },
    /display that the host booted with/,
  ],
  [
    'a card with virtual functions',
    { ...gpu, attributes: { sriov_numvfs: '4' } },
    /virtual functions are switched on/,
  ],
])('refuses %s', async ([, device, message]) => {
  using host = new PciHost(device === undefined ? [] : [device]);
  expect(await refused(host)).toMatch(message);
  expect(host.log).toEqual([]);
});

test('says whether the IOMMU is off or only this device has no group', async () => {
  using host = new PciHost([gpu]);
  host.remove(`/sys/bus/pci/devices/${GPU}/iommu_group`);
  expect(await refused(host)).toMatch(/it has no IOMMU group, though other devices have/);

  using other = new PciHost([]);
  other.file(`/sys/bus/pci/devices/${GPU}/class`, '0x030200');
  expect(await refused(other)).toMatch(/the IOMMU is off; .*intel_iommu=on/);
});

test('refuses another device than the one that was installed', async () => {
  using host = new PciHost([gpu, audio]);
  const here = `${GPU}=10de:2330:10de:16c1`;
  expect((await bind(host, { VLLMD_VFIO_IDENTITY: here })).code).toBe(0);

  using other = new PciHost([{ ...gpu, attributes: { vendor: '0x15b3', device: '0x1021' } }]);
  expect(await refused(other, { VLLMD_VFIO_IDENTITY: `0000:09:00.0=1:2:3:4 ${here}` })).toBe(
    `vllmd: ${GPU}: it was 10de:2330:10de:16c1 when it was installed and is 15b3:1021:10de:16c1 now; ` +
      'PCI addresses move when cards are added: run vllmd install --dry-run\n',
  );
  expect(other.log).toEqual([]);
});

test('names who has a GPU open, and what stops them', async () => {
  using host = new PciHost([gpu]);
  host.file(`/proc/driver/nvidia/gpus/${GPU}/information`, 'Model: H100\nDevice Minor: \t 3');
  host.file(`/sys/bus/pci/devices/${GPU}/drm/card1/dev`, '226:1');
  host.process(812, 'nvidia-persiste', '/dev/nvidia3', 'nvidia-persistenced.service');
  host.process(900, 'python3', '/dev/dri/card1');
  host.process(901, 'other', '/dev/nvidia4');
  expect(await refused(host)).toBe(
    `vllmd: ${GPU}: it cannot be taken from its driver nvidia: it is in use by ` +
      'nvidia-persiste (process 812; systemctl stop nvidia-persistenced.service), python3 (process 900; kill 900)\n',
  );
  expect(host.driverOf(GPU)).toBe('nvidia');
  expect(host.overrideOf(GPU)).toBe('(null)');
});

test('names who has a GPU mapped and its file closed', async () => {
  using host = new PciHost([gpu]);
  host.file(`/proc/driver/nvidia/gpus/${GPU}/information`, 'Device Minor: 3');
  host.process(900, 'python3', '/dev/null');
  host.file('/proc/900/maps', '7f00-7f01 rw-s 00000000 00:06 1021 /dev/nvidia3');
  host.process(901, 'other', '/dev/null');
  host.file('/proc/901/maps', '7f00-7f01 rw-s 00000000 00:06 1021 /dev/nvidia30');
  expect(await refused(host)).toContain('it is in use by python3 (process 900; kill 900)\n');
});

test('does not take an interface that is up, nor a disk that is mounted', async () => {
  const nic: FakeDevice = { ...gpu, classCode: '0x020000', driver: 'mlx5_core' };
  using host = new PciHost([nic]);
  host.file(`/sys/bus/pci/devices/${GPU}/net/eth7/flags`, '0x1003');
  expect(await refused(host, { VLLMD_VFIO_ALLOW: GPU })).toMatch(
    /interface eth7 is up; ip link set eth7 down/,
  );

  using other = new PciHost([{ ...nic, classCode: '0x010802', driver: 'nvme' }]);
  other.file(`/sys/bus/pci/devices/${GPU}/nvme/nvme0/nvme0n1/nvme0n1p1/dev`, '259:7');
  other.realLink(
    `/sys/bus/pci/devices/${GPU}/nvme/nvme0/nvme0n1/nvme0n1p1/subsystem`,
    '../../block',
  );
  other.file('/proc/1/mountinfo', '29 1 259:7 / /srv rw - ext4 /dev/nvme0n1p1 rw');
  expect(await refused(other, { VLLMD_VFIO_ALLOW: GPU })).toMatch(/its disk nvme0n1p1 is in use/);
});

test('a driver that does not let go ends the start, not the host', async () => {
  using host = new PciHost([]);
  host.replace('write_within 20', 'write_within 1');
  host.driver('nvidia', { lets: false });
  host.device(gpu);
  expect(await refused(host)).toMatch(
    /nvidia does not let go of it; start this unit again when it is free/,
  );
});

test('reads the driver back, since the kernel takes the write in any case', async () => {
  using host = new PciHost([gpu]);
  host.replace('"$wanted" 5', '"$wanted" 1');
  host.refuseProbe(GPU);
  expect(await refused(host)).toMatch(
    /did not bind to vfio-pci: its driver was nvidia and is none now; see: journalctl/,
  );
});
