import { expect, test } from 'vitest';
import { deviceName, noNames, parsePciIds } from '../../../src/core/facts/pci-ids.ts';

const text = [
  '# a comment',
  '10de  NVIDIA Corporation',
  '\t2330  GH100 [H100 SXM5 80GB]',
  '\t\t10de 16c1  HGX',
  '\t2331  GH100 [H100 PCIe]',
  '1002  Advanced Micro Devices, Inc. [AMD/ATI]',
  '\t74a1  Aqua Vanjaram \u001b[31m',
  '1a03  ASPEED Technology, Inc.',
  '\t2000  ASPEED Graphics Family',
  'C 03  Display controller',
  '\t2330  of another table',
  '',
].join('\n');

function nameIn(id: string, source = text): string {
  const [vendor = '', device = ''] = id.split(':');
  return deviceName({ vendor, device }, parsePciIds(source, new Set([id])));
}

test('a device is called by its maker and its name', () => {
  expect(nameIn('10de:2330')).toBe('NVIDIA GH100 [H100 SXM5 80GB]');
});

test('a maker is not said twice, and is short where it has a short name', () => {
  expect(nameIn('1a03:2000')).toBe('ASPEED Graphics Family');
  expect(nameIn('1002:0001')).toBe('AMD/ATI 1002:0001');
  expect(nameIn('144d:1', '144d  Samsung Electronics Co Ltd')).toBe('Samsung 144d:1');
});

test('what the database does not know keeps its numbers', () => {
  expect(nameIn('1234:5678')).toBe('1234:5678');
  expect(deviceName({ vendor: '10de', device: '2330' }, noNames)).toBe('10de:2330');
});

test('nothing of a name can steer a terminal', () => {
  expect(nameIn('1002:74a1')).toBe('AMD/ATI Aqua Vanjaram \\u{1b}[31m');
});

test('only the names of devices that are there are kept', () => {
  const names = parsePciIds(text, new Set(['10de:2331']));
  expect([...names.vendors.keys()]).toEqual(['10de']);
  expect([...names.devices.keys()]).toEqual(['10de:2331']);
});
