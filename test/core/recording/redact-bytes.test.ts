import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePort } from '../../../src/core/facts/pci-capabilities.ts';
import { redactBytes } from '../../../src/core/recording/redact-bytes.ts';

const known = {
  accounts: new Set<string>(),
  groupIds: new Set<string>(),
  pciIds: new Set(['10de']),
  hasPathBelow: () => false,
};
const CONFIG = '/sys/bus/pci/devices/0000:01:00.0/config';

/** MSI-X at 0x40, vital product data at 0x60, ACS at 0x100, a serial number at 0x140. */
function device(serial: readonly number[]): Uint8Array {
  const config = new Uint8Array(4096).fill(0xa5, 0x200);
  config.set([0x10], 6);
  config.set([0x40], 0x34);
  config.set([0x11, 0x60, 0x05, 0x80], 0x40);
  config.set([0x03, 0, 0x12, 0x34, 0xde, 0xad, 0xbe, 0xef], 0x60);
  config.set([0x0d, 0, 0x01, 0x14, 0x5f, 0, 0x1d, 0], 0x100);
  config.set([0x03, 0, 0x01, 0, ...serial], 0x140);
  return config;
}

test('of configuration space a recording has what checks look at, and no serial number', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 1, max: 255 }), { minLength: 8, maxLength: 8 }),
      (serial) => {
        const kept = redactBytes(CONFIG, device(serial), known);
        expect(parsePort(kept)).toEqual(parsePort(device(serial)));
        expect(parsePort(kept)).toMatchObject({ vectors: 6, acs: 0x1d });
        expect([...kept.subarray(0x144, 0x14c)]).toEqual(Array(8).fill(0));
        expect([...kept.subarray(0x62, 0x68)]).toEqual(Array(6).fill(0));
        expect([...kept.subarray(0x200)].some((byte) => byte !== 0)).toBe(false);
      },
    ),
  );
});

test('what follows a short capability of PCI Express is not taken for a part of it', () => {
  const config = device([1, 2, 3, 4, 5, 6, 7, 8]);
  config.set([0x10, 0x54, 0x01, 0], 0x40);
  config.set([0x09, 0, 0x10, 1, 2, 3, 4, 5, 6, 7, 8], 0x54);
  const kept = redactBytes(CONFIG, config, known);
  expect([...kept.subarray(0x56, 0x60)]).toEqual(Array(10).fill(0));
});

test('lists of capabilities that lead in a circle or nowhere are read to an end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 0, maxLength: 4096 }), (config) => {
      const kept = redactBytes(CONFIG, config, known);
      expect(kept).toHaveLength(config.length);
      expect(parsePort(kept)).toBeDefined();
    }),
  );
});

test('of any other file a recording has the mark of its format alone', () => {
  const bytes = (text: string) => new TextEncoder().encode(text);
  const text = (path: string, head: string) =>
    new TextDecoder().decode(redactBytes(path, bytes(head), known)).replaceAll('\0', '.');
  expect(text('/srv/base.raw', 'root:$6$secret:')).toBe('...............');
  expect(text('/srv/base.img', 'vhdxfile secrets')).toBe('vhdxfile........');
  const ids = '10de  NVIDIA Corporation\n1af4  Red Hat, Inc.\n';
  expect(text('/usr/share/misc/pci.ids', ids)).toBe('10de  NVIDIA Corporation\n');
});
