import { expect, test } from 'vitest';
import { type DevicePin, pinDevices } from '../../../../src/core/facts/device-pin.ts';
import { devicesToBind } from '../../../../src/core/preflight/vfio/devices-to-bind.ts';
import { at, audio, bridge, check, desiredOf, device, nic, pciOf, shown } from './hosts.ts';

const pin = (short: string, rest: Partial<DevicePin> = {}): DevicePin => ({
  address: at(short),
  identity: '10de:26b9:10de:1851',
  priorDriver: 'nvidia',
  priorOverride: '',
  groupMembers: [at(short)],
  ...rest,
});
const other = { device: '2236', subsystemDevice: '1482' };

test('binds what is configured, the rest of the card and what is allowed of the group', () => {
  const group = { iommuGroup: '5' };
  const pci = pciOf([
    bridge('00', group),
    device('01', group),
    audio('01.1', group),
    device('01.2', { iommuGroup: '6' }),
    bridge('01.3', group),
    device('01.4', { ...group, classCode: '060100' }),
    nic('02', group),
    nic('03'),
    nic('04', group),
    bridge('06', group),
  ]);
  const desired = desiredOf([['01'], ['05']], {
    allowGroupMembers: ['02', '03', '06', '99'].map(at),
  });
  expect([...devicesToBind(desired, pci)]).toEqual([
    [at('01'), { runtime: 1, because: 'configured' }],
    [at('05'), { runtime: 2, because: 'configured' }],
    [at('01.1'), { runtime: 1, because: 'same-slot' }],
    [at('02'), { runtime: 1, because: 'allowed' }],
  ]);
});

test('binds a virtual function alone, and no virtual function because of its card', () => {
  const virtual = { isVirtualFunction: true, iommuGroup: '01' };
  const pci = pciOf([device('01'), device('01.1', virtual), device('01.2', virtual)]);
  expect([...devicesToBind(desiredOf([['01.1']]), pci).keys()]).toEqual([at('01.1')]);
  expect([...devicesToBind(desiredOf([['01']]), pci).keys()]).toEqual([at('01')]);
});

test('gives no allowed device to anyone where no IOMMU is on', () => {
  const none = { iommuGroup: undefined };
  const pci = pciOf([device('01', none), audio('01.1', none), nic('02', none)]);
  const desired = desiredOf([['01']], { allowGroupMembers: [at('02')] });
  expect([...devicesToBind(desired, pci).keys()]).toEqual([at('01'), at('01.1')]);
});

test('records identity, driver and group of what is bound for the first time', () => {
  const pci = pciOf([
    device('01', { driverOverride: 'nvidia' }),
    audio('01.1', { driver: undefined }),
    device('02', { iommuGroup: undefined }),
  ]);
  expect(pinDevices(desiredOf([['01', '02', '03']]), pci, [])).toEqual([
    pin('01', { priorOverride: 'nvidia', groupMembers: [at('01'), at('01.1')] }),
    pin('01.1', {
      identity: '10de:228b:10de:1851',
      priorDriver: '',
      groupMembers: [at('01'), at('01.1')],
    }),
    pin('02'),
  ]);
});

test('keeps what was recorded at the first bind', () => {
  const pci = pciOf([device('01', { ...other, driver: 'vfio-pci', driverOverride: 'vfio-pci' })]);
  const recorded = [pin('01'), pin('02'), pin('03')];
  expect(pinDevices(desiredOf([['01', '02']]), pci, recorded)).toEqual([pin('01'), pin('02')]);
});

test('takes over a new card, but not its driver, where identity is not locked', () => {
  const pci = pciOf([device('01', { ...other, driver: 'vfio-pci' })]);
  expect(pinDevices(desiredOf([['01']], { identityLock: false }), pci, [pin('01')])).toEqual([
    pin('01', { identity: '10de:2236:10de:1482' }),
  ]);
});

test('keeps the records of what the config still wants where no device can be read', () => {
  const recorded = [pin('01'), pin('01.1'), pin('02'), pin('03')];
  const desired = desiredOf([['01']], { allowGroupMembers: [at('02')] });
  expect(pinDevices(desired, undefined, recorded)).toEqual([pin('01'), pin('01.1'), pin('02')]);
});

test('asks whether a card has moved', () => {
  const devices = [device('01', other), device('02')];
  expect(check({ devices, pins: [pin('01')] }).map(shown)).toEqual([
    `error[gpu-identity] /runtimes/0/gpus/0
runtime 1: 0000:01:00.0 is 10de:2236:10de:1482 now, the last install found 10de:26b9:10de:1851 there
help: moved to 0000:02:00.0? then name that address in gpus
if the card was replaced, vfio.identity_lock = false accepts what is there now`,
  ]);
});

test('does not take a card for moved that another runtime or record has', () => {
  const devices = [device('01', other), device('02'), device('03')];
  const found = check({ devices, gpus: [['01'], ['02']], pins: [pin('01'), pin('03')] });
  expect(found.map(({ help }) => help)).toEqual([
    'if the card was replaced, vfio.identity_lock = false accepts what is there now',
  ]);
});

test('asks for a card that left its address empty, and names no more than a few', () => {
  const many = ['02', '03', '04', '05', '06', '07'].map((short) => device(short));
  expect(check({ devices: many, pins: [pin('01')] })).toMatchObject([
    {
      rule: 'gpu-present',
      help: `moved to ${['02', '03', '04', '05'].map(at).join(' or ')} or 2 others? then name that address in gpus`,
    },
  ]);
});

test('holds what is taken along against its record as well', () => {
  const devices = [device('01'), audio('01.1')];
  const [found] = check({ devices, pins: [pin('01'), pin('01.1')] });
  expect(found?.message).toMatch(/^runtime 1: 0000:01:00\.1, taken along with 0000:01:00\.0, is /);
});

test('accepts the same card, a first install and an unlocked identity', () => {
  const devices = [device('01', other)];
  expect(check({ devices })).toEqual([]);
  expect(check({ devices, pins: [pin('01', { identity: '10de:2236:10de:1482' })] })).toEqual([]);
  expect(check({ devices, pins: [pin('01')], vfio: { identityLock: false } })).toEqual([]);
});
