import { expect, test } from 'vitest';
import type { PciDevice } from '../../../../src/core/facts/pci.ts';
import { at, audio, bridge, check, device, nic, shown } from './hosts.ts';

const rulesOf = (...given: Parameters<typeof check>) => check(...given).map(({ rule }) => rule);
const shared = { iommuGroup: '17' };

function viable(...others: readonly PciDevice[]) {
  return check({ devices: [device('01', shared), ...others] });
}

test('draws the group and says what would free it', () => {
  const inUse = ['network interface eno2 is up'];
  const found = check({
    devices: [
      bridge('00.4', shared),
      device('01', shared),
      audio('01.1', shared),
      nic('02', { ...shared, inUse }),
      nic('02.1', { ...shared, driver: undefined }),
      nic('03', shared),
      nic('04', { ...shared, driver: 'mlx5_vfio_pci' }),
    ],
    vfio: { allowGroupMembers: [at('03')] },
  });
  expect(found.map(shown)).toEqual([
    `error[iommu-group-viable] /runtimes/0/gpus/0
runtime 1: 0000:01:00.0 cannot be passed on while its IOMMU group 17 is in use by the host: 0000:02:00.0 (igb)
IOMMU group 17
├─ 0000:00:00.4  0604 PCI bridge           8086:a338  driver pcieport       bridge, stays
├─ 0000:01:00.0  0302 3D controller        10de:26b9  driver nvidia         gpus of runtime 1
├─ 0000:01:00.1  0403 audio device         10de:228b  driver snd_hda_intel  taken along with 0000:01:00.0
├─ 0000:02:00.0  0200 Ethernet controller  8086:1533  driver igb            <- in the way, network interface eno2 is up
├─ 0000:02:00.1  0200 Ethernet controller  8086:1533  no driver             stays as it is
├─ 0000:03:00.0  0200 Ethernet controller  8086:1533  driver igb            taken along, vfio.allow_group_members
└─ 0000:04:00.0  0200 Ethernet controller  8086:1533  driver mlx5_vfio_pci  stays as it is
help: set vfio.allow_group_members = ["0000:03:00.0", "0000:02:00.0"]
before that, take 0000:02:00.0 out of use: network interface eno2 is up
or keep it on the host: move a card to another slot, or enable ACS in the firmware where it is off`,
  ]);
});

test('asks for a GPU in the way to go to the same runtime', () => {
  const [found] = viable(device('02', shared), nic('03', shared));
  expect(found?.message).toMatch(/: 0000:02:00\.0 \(nvidia\), 0000:03:00\.0 \(igb\)$/);
  expect(found?.help).toBe(
    `set runtimes[0].gpus = ["0000:01:00.0", "0000:02:00.0"]
set vfio.allow_group_members = ["0000:03:00.0"]
or keep them on the host: move a card to another slot, or enable ACS in the firmware where it is off`,
  );
});

test.for([
  [{ inUse: ['nvme0n1p2 is mounted on /'], classCode: '010802' }, 'nvme0n1p2 is mounted on /'],
  [{ classCode: '060100', driver: 'lpc_ich' }, 'it is part of the chipset'],
  [{ isBootVga: true, classCode: '030000' }, 'it is the display that the firmware booted with'],
  [{ virtualFunctions: 4 }, 'its virtual functions would vanish'],
] as const)('proposes no change of the config that would hurt: %j', ([rest, reason]) => {
  const [found, ...others] = viable(nic('02', { ...shared, ...rest }), nic('03', shared));
  expect(others).toEqual([]);
  expect(found?.help).toBe(
    `0000:02:00.0 cannot leave the host: ${reason}
move a card to another slot, or enable ACS in the firmware where it is off`,
  );
});

const eno2 = { ...shared, inUse: ['network interface eno2 is up'] };

test.for([
  [{ ...eno2, uplink: 'eno2' }, undefined, 'the default route of the host leaves by eno2'],
  [eno2, 'eno2', 'network.default_interface of this config is eno2'],
  [
    { ...eno2, uplink: 'eno2' },
    'eno2',
    'the default route of the host leaves by eno2, and network.default_interface of this config is eno2',
  ],
] as const)('never asks for the way out of the host: %j', ([rest, uplink, reason]) => {
  const devices = [device('01', shared), nic('02', rest)];
  const given = { devices, ...(uplink === undefined ? {} : { uplink }) };
  expect(check(given).map(({ help }) => help)).toEqual([
    `0000:02:00.0 cannot leave the host: ${reason}
move a card to another slot, or enable ACS in the firmware where it is off`,
  ]);
  const allowed = check({ ...given, vfio: { allowGroupMembers: [at('02')] } });
  expect(allowed.map(shown)).toEqual([
    `error[device-in-use] /runtimes/0/gpus/0
runtime 1: 0000:02:00.0, taken along with 0000:01:00.0, is in use by the host
network interface eno2 is up
help: it cannot leave the host: ${reason}
take 0000:02:00.0 out of vfio.allow_group_members and 0000:01:00.0 out of gpus
to pass 0000:01:00.0 on, move a card to another slot, or enable ACS in the firmware where it is off`,
  ]);
});

test('does not send in a circle who has allowed a device that is in use', () => {
  const devices = [device('01', shared), nic('02', eno2)];
  const [found] = check({ devices, vfio: { allowGroupMembers: [at('02')] } });
  expect(found?.help).toBe(
    `take it out of use first, or take 0000:02:00.0 out of vfio.allow_group_members and 0000:01:00.0 out of gpus`,
  );
});

test('speaks of a group once', () => {
  const devices = [device('01', shared), device('02', shared), nic('03', shared)];
  expect(rulesOf({ devices, gpus: [['01', '02']] })).toEqual(['iommu-group-viable']);
});

test('minds no bridge, no device without a driver and none that VFIO holds', () => {
  const free = (driver: string | undefined) => nic('04', { ...shared, driver });
  for (const driver of [undefined, 'vfio-pci', 'pci-stub', 'nvgrace_gpu_vfio_pci']) {
    expect(viable(bridge('02', shared), free(driver))).toEqual([]);
  }
});

test('does not mind the card under a virtual function in a group of its own', () => {
  const virtual = { vendor: '1002', isVirtualFunction: true, driver: undefined };
  const card = device('01', {
    vendor: '1002',
    driver: 'gim',
    virtualFunctions: 1,
    iommuGroup: '8',
  });
  const given = { devices: [card, device('01.2', { ...virtual, iommuGroup: '9' })] };
  expect(rulesOf({ ...given, gpus: [['01.2']] })).toEqual([]);
  const together = { devices: [card, device('01.2', { ...virtual, iommuGroup: '8' })] };
  expect(check({ ...together, gpus: [['01.2']] })[0]?.help).toContain('its virtual functions');
});

test('leaves a group to one runtime', () => {
  const devices = [device('01', shared), device('02', shared)];
  expect(check({ devices, gpus: [['01'], ['02']] }).map(shown)).toEqual([
    `error[group-one-runtime] /runtimes/1/gpus/0
runtime 2: 0000:02:00.0 shares IOMMU group 17 with 0000:01:00.0 of runtime 1
IOMMU group 17
├─ 0000:01:00.0  0302 3D controller  10de:26b9  driver nvidia  gpus of runtime 1
└─ 0000:02:00.0  0302 3D controller  10de:26b9  driver nvidia  gpus of runtime 2
help: a group can be open in one VM only: put both devices into one runtime
or part them: move a card to another slot, or enable ACS in the firmware where it is off`,
  ]);
  expect(rulesOf({ devices, gpus: [['01', '02']] })).toEqual([]);
});

const boardGpu = (short: string) => device(short, { device: '2330' });
const nvswitch = (short: string) => device(short, { device: '22a3', classCode: '068000' });
const board = ['11', '12', '13', '14'].map(boardGpu);
const switches = ['07', '08'].map(nvswitch);

test('has nothing to say of a whole board in one runtime', () => {
  const devices = [...switches, ...board, device('20')];
  const gpus = [['07', '08', '11', '12', '13', '14'], ['20']];
  expect(rulesOf({ devices, gpus })).toEqual([]);
  expect(rulesOf({ devices: board, gpus: [['11']] })).toEqual([]);
});

test('says once what eight runtimes have alike', () => {
  const devices = [...switches, ...board, device('15', { device: '2330' })];
  const found = check({ devices, gpus: [['11'], ['12'], ['13'], ['14', '15']] });
  expect(found.map(({ message }) => message)).toEqual([
    'runtimes 1-3 have each 1 of the 5 GPUs that NVSwitches join and 0 of the 2 NVSwitches',
    'runtime 4 has 2 of the 5 GPUs that NVSwitches join and 0 of the 2 NVSwitches',
  ]);
});

test('warns of a part of a board', () => {
  const devices = [...switches, ...board];
  expect(check({ devices, gpus: [['12', '11'], ['13']] }).map(shown)).toEqual([
    `warning[nvswitch-partition] /runtimes/0/gpus/0
runtime 1 has 2 of the 4 GPUs that NVSwitches join and 0 of the 2 NVSwitches
help: before the VM starts, activate a partition of its GPUs in the fabric manager of the host (FABRIC_MODE=1), or CUDA in the guest fails with error 802, system not yet initialized
or give one runtime all of these GPUs and all NVSwitches, which go into its gpus too: 0000:07:00.0, 0000:08:00.0`,
    expect.stringContaining('runtime 2 has 1 of the 4 GPUs'),
  ]);
  const [mixed] = check({ devices, gpus: [['07', '11', '12', '13', '14']] });
  expect(mixed).toMatchObject({ severity: 'warning', pointer: '/runtimes/0/gpus/1' });
  expect(mixed?.help).toContain('with a part of the switches no VM gets NVLink');
});
