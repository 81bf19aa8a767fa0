import { expect, test } from 'vitest';
import type { PciDevice } from '../../../../src/core/facts/pci.ts';
import { at, audio, bridge, check, device, nic, shown } from './hosts.ts';

const rulesOf = (...given: Parameters<typeof check>) => check(...given).map(({ rule }) => rule);

test('names the line of a device that is not there', () => {
  expect(check({ devices: [device('01')], gpus: [['01'], ['02']] }).map(shown)).toEqual([
    `error[gpu-present] /runtimes/1/gpus/0
runtime 2: the host has no PCI device 0000:02:00.0
help: list the devices with \`lspci -D\`; addresses move when cards are added or removed`,
  ]);
});

test('refuses a device that answers nothing', () => {
  const devices = [device('01', { isSilent: true, headerType: undefined })];
  expect(check({ devices }).map(shown)).toEqual([
    `error[gpu-present] /runtimes/0/gpus/0
runtime 1: 0000:01:00.0 answers nothing: every byte of its configuration space reads ff
help: it has fallen off the bus, and \`dmesg\` says when: switch the host off and on; seat the card and its power again where it stays so`,
  ]);
});

test('refuses bridges, by header or by class', () => {
  expect(check({ devices: [bridge('01')] }).map(shown)).toEqual([
    `error[gpu-is-endpoint] /runtimes/0/gpus/0
runtime 1: 0000:01:00.0 is a PCI bridge, which cannot be passed on
help: name the card behind it: \`lspci -D -t\` shows what hangs on what`,
  ]);
  const classes = ['060400', '060000', '060100', '060700', '068000'];
  for (const classCode of classes) {
    const rest = { classCode, vendor: '8086', headerType: undefined };
    const found = rulesOf({ devices: [device('01', rest)] });
    expect(found).toEqual(['gpu-is-endpoint']);
  }
});

test.for(['030000', '030200', '038000', '120000', '040300', '0c0330', '0c8000'])(
  'takes a device of class %s',
  (classCode) => {
    expect(rulesOf({ devices: [device('01', { classCode, vendor: '1002' })] })).toEqual([]);
  },
);

test('takes an NVSwitch', () => {
  expect(rulesOf({ devices: [device('01', { device: '22a3', classCode: '068000' })] })).toEqual([]);
});

test.for(['020000', '010802', '108000', 'ff0000'])(
  'takes a device of class %s only where the config says it twice',
  (classCode) => {
    const devices = [device('01', { classCode })];
    expect(rulesOf({ devices })).toEqual(['gpu-class']);
    expect(rulesOf({ devices, vfio: { allowGroupMembers: [at('01')] } })).toEqual([]);
  },
);

test('names the class of what is no GPU', () => {
  expect(check({ devices: [nic('01')] }).map(shown)).toEqual([
    `error[gpu-class] /runtimes/0/gpus/0
runtime 1: 0000:01:00.0 is no GPU: Ethernet controller, class 0200
help: if a VM is to have it, add "0000:01:00.0" to vfio.allow_group_members as well`,
  ]);
});

test('takes other functions of a card along, but no network or storage without asking', () => {
  const mate = (classCode: string) => ({ devices: [device('01'), device('01.2', { classCode })] });
  expect(rulesOf(mate('108000'))).toEqual([]);
  expect(check(mate('010802'))[0]?.message).toBe(
    'runtime 1: 0000:01:00.2, taken along with 0000:01:00.0, is no GPU: NVMe controller, class 0108',
  );
});

test.for([
  ['2901', 'B200'],
  ['3182', 'B300'],
])('refuses 10de:%s, the %s', ([model = '', name]) => {
  expect(check({ devices: [device('01', { device: model })] }).map(shown)).toEqual([
    `error[gpu-supported] /runtimes/0/gpus/0
runtime 1: 0000:01:00.0 (${name}) has to stand behind a root port, which cloud-hypervisor does not have
help: use this card with another hypervisor`,
  ]);
});

test.for(['2941', '31c2'])('wants cloud-hypervisor 54 for 10de:%s', (model) => {
  const devices = [device('01', { device: model })];
  const with_ = (version?: string) =>
    rulesOf({ devices, ...(version === undefined ? {} : { cloudHypervisor: version }) });
  expect(with_('cloud-hypervisor v53.0')).toEqual(['gpu-supported']);
  expect(with_('cloud-hypervisor v54.0')).toEqual([]);
  expect(with_()).toEqual([]);
});

test('refuses a vGPU, and no virtual function of others', () => {
  const rest = { isVirtualFunction: true, driver: undefined };
  const found = check({ devices: [device('01', rest)] });
  expect(found[0]?.message).toBe(
    'runtime 1: 0000:01:00.0 is a vGPU, which needs the driver of NVIDIA under it and not vfio-pci',
  );
  expect(rulesOf({ devices: [device('01', { ...rest, vendor: '8086' })] })).toEqual([]);
});

test('leaves the display of the host alone, also as another function of the card', () => {
  const vga = (rest: Partial<PciDevice>) => device('01', { classCode: '030000', ...rest });
  expect(check({ devices: [vga({ isBootVga: true })] }).map(shown)).toEqual([
    `error[boot-vga] /runtimes/0/gpus/0
runtime 1: 0000:01:00.0 is the display that the host was booted with
help: choose another display in the firmware, that of the BMC for example, and reboot; a host without one needs a second card`,
  ]);
  const devices = [vga({ isBootVga: true }), audio('01.1')];
  expect(rulesOf({ devices, gpus: [['01.1']] })).toContain('boot-vga');
});

test('knows the display of a BMC, which is no GPU', () => {
  const devices = [device('04', { vendor: '1a03', classCode: '030000', isBootVga: true })];
  const [found] = check({ devices, gpus: [['04']] });
  expect(found?.rule).toBe('boot-vga');
  expect(found?.help).toBe(
    'take 0000:04:00.0 out of gpus: it shows the console of the host (a BMC has such a display), and is no GPU',
  );
});

test('does not let virtual functions vanish', () => {
  const devices = [
    device('01', { vendor: '8086', virtualFunctions: 2 }),
    device('01.1', { vendor: '8086', isVirtualFunction: true, iommuGroup: '9' }),
  ];
  expect(check({ devices }).map(shown)).toEqual([
    `error[virtual-functions-off] /runtimes/0/gpus/0
runtime 1: 0000:01:00.0 has 2 virtual functions switched on, which would vanish
help: name virtual functions in gpus, or switch them off: echo 0 | sudo tee /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs`,
  ]);
  expect(rulesOf({ devices, gpus: [['01.1']] })).toEqual([]);
});

test('takes nothing that the host works with', () => {
  const inUse = ['network interface eth0 is up', 'network interface eth1 is up'];
  const devices = [device('01'), nic('02', { iommuGroup: '01', inUse })];
  const found = check({ devices, vfio: { allowGroupMembers: [at('02')] } });
  expect(found.map(shown)).toEqual([
    `error[device-in-use] /runtimes/0/gpus/0
runtime 1: 0000:02:00.0, taken along with 0000:01:00.0, is in use by the host
network interface eth0 is up
network interface eth1 is up
help: take it out of use first, or take 0000:02:00.0 out of vfio.allow_group_members and 0000:01:00.0 out of gpus`,
  ]);
});

test('proposes to leave the card out whose other function is in use', () => {
  const inUse = ['sda1 is mounted on /srv'];
  const devices = [
    device('01'),
    device('01.2', { classCode: '0c0330', driver: 'xhci_hcd', inUse }),
  ];
  const [found] = check({ devices });
  expect(found?.rule).toBe('device-in-use');
  expect(found?.help).toBe('take it out of use first, or take 0000:01:00.0 out of gpus');
});

test('names who has a device open and how each is stopped', () => {
  const path = '/dev/nvidia0';
  const holders = [
    { pid: 10, name: 'nvidia-persiste', path },
    { pid: 11, name: 'nv-hostengine', path },
    { pid: 12, name: 'python3', path },
    { pid: 12, name: 'python3', path: '/dev/dri/renderD128' },
  ];
  expect(check({ devices: [device('01', { holders })] }).map(shown)).toEqual([
    `error[device-held] /runtimes/0/gpus/0
runtime 1: 0000:01:00.0 cannot be taken from its driver: 3 processes have it open
/dev/nvidia0  10 nvidia-persistenced
/dev/nvidia0  11 nv-hostengine
/dev/nvidia0  12 python3
/dev/dri/renderD128  12 python3
help: sudo systemctl stop nvidia-persistenced
sudo systemctl stop nvidia-dcgm
stop python3 (\`systemctl status 12\` names its service)`,
  ]);
});

test.for([
  ['nv-fabricmanage', 'nvidia-fabricmanager'],
  ['Xorg', 'display-manager'],
  ['systemd-logind', 'display-manager'],
])('stops %s with %s', ([name = '', service]) => {
  const holders = [{ pid: 1, name, path: '/dev/nvidia0' }];
  const [found] = check({ devices: [device('01', { holders })] });
  expect(found?.message).toContain('a process has it open');
  expect(found?.help).toBe(`sudo systemctl stop ${service}`);
});

test('a process is taken for no service for having the name of a property', () => {
  for (const name of ['constructor', 'toString', '__proto__']) {
    const holders = [{ pid: 7, name, path: '/dev/nvidia0' }];
    const [found] = check({ devices: [device('01', { holders })] });
    expect(found?.help).toBe(`stop ${name} (\`systemctl status 7\` names its service)`);
  }
});

test('does not mind who holds a device that vfio-pci has already', () => {
  const holders = [{ pid: 1, name: 'cloud-hyperviso', path: '/dev/vfio/01' }];
  expect(rulesOf({ devices: [device('01', { driver: 'vfio-pci', holders })] })).toEqual([]);
});

test('warns of a device that cannot be reset', () => {
  expect(check({ devices: [device('01', { resetMethods: [] })] }).map(shown)).toEqual([
    `warning[gpu-reset] /runtimes/0/gpus/0
runtime 1: 0000:01:00.0 cannot be reset on its own: it has no way to be reset
help: what one guest leaves in the device the next one finds, and after a crash only a power cycle of the host may help`,
  ]);
});

test('warns of a reset that takes the neighbours along', () => {
  const bus = { resetMethods: ['bus'], iommuGroup: '5' };
  const alone = [device('01', bus), bridge('02', { iommuGroup: '5' })];
  expect(rulesOf({ devices: alone })).toEqual([]);
  const [found] = check({ devices: [device('01', bus), audio('01.1', { iommuGroup: '5' })] });
  expect(found?.message).toBe(
    'runtime 1: 0000:01:00.0 cannot be reset on its own: its only reset is that of the bus, and its IOMMU group has 2 devices besides bridges',
  );
});

test('does not speak of a bus reset where no IOMMU is on', () => {
  const devices = [device('01', { resetMethods: ['bus'], iommuGroup: undefined })];
  expect(rulesOf({ devices, pci: { hasIommu: false } })).toEqual(['iommu-on']);
});
