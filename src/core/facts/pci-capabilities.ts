import { type BusRange, parseBusRange } from './bus-range.ts';

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

/** What an endpoint or a bridge says of itself in its configuration space. */
export type PciPort = {
  /** Of a bridge. */
  readonly buses: BusRange | undefined;
  /** How many message signalled interrupts it can have; undefined where only root could tell. */
  readonly vectors: number | undefined;
  /** The controls of ACS that are on; 'none' where it has no ACS, undefined where only root could tell. */
  readonly acs: number | 'none' | undefined;
  /** The upper port of a switch, which has no ACS by design: what comes from below goes up to the next bridge. */
  readonly isUpstream: boolean;
};

const HEADER_TYPE = 0x0e;
const ACS_CONTROL = 6;
const UPSTREAM_PORT = 5;

export function parsePort(config: Uint8Array): PciPort {
  const isBridge = (byteAt(config, HEADER_TYPE) & 0x7f) === 1;
  const capabilities = parseCapabilities(config);
  return {
    buses: isBridge ? parseBusRange(config) : undefined,
    vectors: capabilities && vectorsOf(config, capabilities),
    // Of PCI Express; a space of 256 bytes has no such list.
    acs: capabilities && config.length > FIRST_EXTENDED ? acsOf(config, capabilities) : undefined,
    isUpstream: capabilities !== undefined && isUpstream(config, capabilities),
  };
}

/** MSI-X: the table size in 11 bits, less one. MSI: three bits that are a power of two. */
function vectorsOf(config: Uint8Array, { standard }: PciCapabilities): number {
  const msix = standard.get(CAPABILITY.msix);
  if (msix !== undefined) return (wordAt(config, msix + 2) & 0x7ff) + 1;
  const msi = standard.get(CAPABILITY.msi);
  return msi === undefined ? 0 : 2 ** ((wordAt(config, msi + 2) >> 1) & 0x7);
}

/** Bits 4 to 7 of the PCI Express capabilities register say what kind of port it is. */
function isUpstream(config: Uint8Array, { standard }: PciCapabilities): boolean {
  const at = standard.get(CAPABILITY.express);
  return at !== undefined && ((wordAt(config, at + 2) >> 4) & 0xf) === UPSTREAM_PORT;
}

function acsOf(config: Uint8Array, { extended }: PciCapabilities): number | 'none' {
  const at = extended.get(EXTENDED.acs);
  return at === undefined ? 'none' : wordAt(config, at + ACS_CONTROL);
}

/** Source validation, request redirect, completion redirect and upstream forwarding: what parts groups (Linux, pci_acs_enabled). */
const ISOLATING = 0x1d;

export function isIsolating(acs: number): boolean {
  return (acs & ISOLATING) === ISOLATING;
}
