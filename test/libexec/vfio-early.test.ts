import { expect, test } from 'vitest';
import { type FakeDevice, PciHost } from './pci.ts';

const GPU = '0000:01:00.0';
const gpu: FakeDevice = { address: GPU, group: '11' };
const function1 = (classCode: string): FakeDevice => ({
  address: '0000:01:00.1',
  group: '11',
  classCode,
});

function claim(host: PciHost, slots: string, addresses = '') {
  return host.run('vfio-early', [], {
    VLLMD_VFIO_SLOTS: slots,
    VLLMD_VFIO_ADDRESSES: addresses,
  });
}

const quiet = { code: 0, stdout: '', stderr: '' };

test('claims every function of a card', async () => {
  using host = new PciHost([gpu, function1('0x040300')]);
  expect(await claim(host, '0000:01:00')).toEqual(quiet);
  expect([host.overrideOf(GPU), host.overrideOf('0000:01:00.1')]).toEqual(['vfio-pci', 'vfio-pci']);
});

test('claims no network or storage controller that got the address of a card', async () => {
  using host = new PciHost([gpu, function1('0x020000')]);
  expect(await claim(host, '0000:01:00')).toEqual(quiet);
  expect(host.overrideOf('0000:01:00.1')).toBe('(null)');
});

test('claims what the config names one by one, whatever it is', async () => {
  using host = new PciHost([gpu, function1('0x020000')]);
  expect(await claim(host, '', '0000:01:00.1 0000:09:00.0')).toEqual(quiet);
  expect([host.overrideOf(GPU), host.overrideOf('0000:01:00.1')]).toEqual(['(null)', 'vfio-pci']);
});

test('leaves the display of the boot, and virtual functions in the slot of their card', async () => {
  using host = new PciHost([
    { ...gpu, attributes: { boot_vga: '1' } },
    { ...function1('0x030200'), attributes: { physfn: '' } },
  ]);
  expect(await claim(host, '0000:01:00')).toEqual(quiet);
  expect([host.overrideOf(GPU), host.overrideOf('0000:01:00.1')]).toEqual(['(null)', '(null)']);
});

test('leaves a device that is not what it was, and says so', async () => {
  using host = new PciHost([gpu, { ...gpu, address: '0000:02:00.0' }]);
  host.file(`/etc/vllmd/vfio-${GPU}.env`, `VLLMD_VFIO_IDENTITY="${GPU}=10de:26b9:10de:1851"`);
  host.file(
    '/etc/vllmd/vfio-0000:02:00.0.env',
    'VLLMD_VFIO_IDENTITY="0000:02:00.0=10de:2330:10de:16c1"',
  );
  const { code, stderr } = await claim(host, '0000:01:00 0000:02:00');
  expect(code).toBe(0);
  expect(stderr).toBe(
    `vllmd: ${GPU}: it was 10de:26b9:10de:1851 when it was installed and is 10de:2330:10de:16c1 now, so the host keeps it\n`,
  );
  expect([host.overrideOf(GPU), host.overrideOf('0000:02:00.0')]).toEqual(['(null)', 'vfio-pci']);
});
