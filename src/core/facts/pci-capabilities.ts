/** Capabilities of a PCI device, by id, with their offsets in its configuration space. PCI Local Bus 3.0 §6.7, PCIe §7.6. */
export type PciCapabilities = {
  readonly standard: ReadonlyMap<number, number>;
  readonly extended: ReadonlyMap<number, number>;
};

export const CAPABILITY = { msi: 0x05, express: 0x10, msix: 0x11 } as const;
export const EXTENDED = { serialNumber: 0x0003, acs: 0x000d, sriov: 0x0010 } as const;

const STATUS = 0x06;
const HAS_LIST = 0x10;
const FIRST_STANDARD = 0x34;
const HEADER_BYTES = 64;
const FIRST_EXTENDED = 0x100;
/** More do not fit: each takes four bytes. */
const MOST = 960;

/** undefined where only the first 64 bytes are there, which is all that an account other than root may read. */
export function parseCapabilities(config: Uint8Array): PciCapabilities | undefined {
  if (config.length <= HEADER_BYTES) return undefined;
  return { standard: standardOf(config), extended: extendedOf(config) };
}

function standardOf(config: Uint8Array): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  if ((byteAt(config, STATUS) & HAS_LIST) === 0) return found;
  let at = byteAt(config, FIRST_STANDARD) & 0xfc;
  for (let left = MOST; left > 0 && at >= HEADER_BYTES && at + 1 < config.length; left -= 1) {
    const id = byteAt(config, at);
    if (!found.has(id)) found.set(id, at);
    at = byteAt(config, at + 1) & 0xfc;
  }
  return found;
}

function extendedOf(config: Uint8Array): ReadonlyMap<number, number> {
  const found = new Map<number, number>();
  let at = FIRST_EXTENDED;
  for (let left = MOST; left > 0 && at >= FIRST_EXTENDED && at + 3 < config.length; left -= 1) {
    const header = dwordAt(config, at);
    // Zeros end the list, all ones are a device that does not answer.
    if (header === 0 || header === 0xffffffff) break;
    const id = header & 0xffff;
    if (!found.has(id)) found.set(id, at);
    at = (header >>> 20) & 0xffc;
  }
  return found;
}

function byteAt(config: Uint8Array, offset: number): number {
  return config[offset] ?? 0;
}

function wordAt(config: Uint8Array, offset: number): number {
  return byteAt(config, offset) | (byteAt(config, offset + 1) << 8);
}

function dwordAt(config: Uint8Array, offset: number): number {
  return (wordAt(config, offset) | (wordAt(config, offset + 2) << 16)) >>> 0;
}
