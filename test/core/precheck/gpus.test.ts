import { expect, test } from 'vitest';
import { describedHost } from '../../support/world.ts';
import { audio, checksOf, configured, gpu, one, other, port, testCases } from './checks-of.ts';

testCases([
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
]);

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
