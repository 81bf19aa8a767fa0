import { formatMark } from '../facts/image-format.ts';
import { CAPABILITY, EXTENDED, parseCapabilities } from '../facts/pci-capabilities.ts';
import type { Known } from './known.ts';
import { reducePciIds } from './reduce-kernel.ts';

const CONFIG_SPACE = /^\/sys\/bus\/pci\/devices\/[^/]+\/config$/;
/** Read as bytes, since it may be a link. */
const PCI_IDS = /\/pci\.ids$/;
const HEADER_BYTES = 64;

/** What a check looks at, by its length in bytes. Serial numbers are capabilities too, and so is what a vendor likes. */
const keptStandard: Readonly<Record<number, number>> = {
  [CAPABILITY.msi]: 4,
  // Version 1 of it is shorter than version 2, and what a vendor likes may follow.
  [CAPABILITY.express]: 4,
  [CAPABILITY.msix]: 12,
};
const keptExtended: Readonly<Record<number, number>> = {
  [EXTENDED.acs]: 8,
  [EXTENDED.sriov]: 64,
};

const none: ReadonlyMap<number, number> = new Map();

/** The first bytes of a file, with zeros in place of what a recording leaves out. */
export function redactBytes(path: string, bytes: Uint8Array, known: Known): Uint8Array {
  if (CONFIG_SPACE.test(path)) return redactConfigSpace(bytes);
  const text = PCI_IDS.test(path) ? new TextDecoder().decode(bytes) : undefined;
  if (text !== undefined) return new TextEncoder().encode(reducePciIds(text, known));
  // Of an image only the mark of its format: it may be any file that a config names.
  const kept = new Uint8Array(bytes.length);
  kept.set(formatMark(bytes));
  return kept;
}

function redactConfigSpace(config: Uint8Array): Uint8Array {
  const kept = new Uint8Array(config.length);
  const copy = (at: number, length: number) => kept.set(config.subarray(at, at + length), at);
  copy(0, HEADER_BYTES);
  const { standard = none, extended = none } = parseCapabilities(config) ?? {};
  for (const [id, at] of standard) copy(at, keptStandard[id] ?? 2);
  for (const [id, at] of extended) copy(at, keptExtended[id] ?? 4);
  // Whatever a list that is out of order has copied along.
  const serial = extended.get(EXTENDED.serialNumber);
  if (serial !== undefined) kept.fill(0, serial + 4, serial + 12);
  return kept;
}
