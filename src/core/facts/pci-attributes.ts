import type { PciBar } from './pci.ts';

/** IORESOURCE_MEM and IORESOURCE_MEM_64 of the kernel. */
const MEMORY_FLAG = 0x200n;
const WIDE_FLAG = 0x100000n;
/** IORESOURCE_UNSET: the range is a size alone, for which the kernel has found no place. */
const UNSET_FLAG = 0x20000000n;
/** What follows in `resource` are the ROM, the BARs of virtual functions and the windows of bridges. */
const BAR_COUNT = 6;
const HEADER_TYPE_BYTE = 14;

/** `0x10de` is 10de. What cannot be read is all ones, as of a device that does not answer. */
export function parseHex(text: string, digits: 4 | 6): string {
  const value = /^0x([0-9a-f]+)$/.exec(text)?.[1];
  return value?.length === digits ? value : 'f'.repeat(digits);
}

/** A count or a number that is never negative; undefined for -1, which is "unknown", and for anything else. */
export function parseNumber(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

export function parseDriverOverride(text: string): string | undefined {
  return text === '' || text === '(null)' ? undefined : text;
}

/** Out of the first bytes of `config`; the top bit only says that there are other functions. */
export function parseHeaderType(config: Uint8Array | undefined): number | undefined {
  const byte = config?.[HEADER_TYPE_BYTE];
  // All ones: the device does not answer.
  return byte === undefined || byte === 0xff ? undefined : byte & 0x7f;
}

/** By the header of `config`. That of a virtual function has no more than its vendor and device in ones. */
export function isSilentHeader(config: Uint8Array | undefined): boolean {
  return config !== undefined && config.length > 0 && config.every((byte) => byte === 0xff);
}

/** The memory BARs that `resource` lists: start, end and flags a line. */
export function parseBars(resource: string): readonly PciBar[] {
  return resource
    .split('\n')
    .slice(0, BAR_COUNT)
    .flatMap((line) => {
      const [, start, end, flags] = /^(0x[\da-f]+) (0x[\da-f]+) (0x[\da-f]+)$/.exec(line) ?? [];
      if (start === undefined || end === undefined || flags === undefined) return [];
      const sizeBytes = Number(BigInt(end) - BigInt(start) + 1n);
      const is64Bit = (BigInt(flags) & WIDE_FLAG) !== 0n;
      const isPlaced = (BigInt(flags) & UNSET_FLAG) === 0n;
      return isPlaced && (BigInt(flags) & MEMORY_FLAG) !== 0n && sizeBytes > 1
        ? [{ sizeBytes, is64Bit }]
        : [];
    });
}

/** `46 bits physical` of the first CPU in /proc/cpuinfo. */
export function parsePhysicalBits(cpuinfo: string): number | undefined {
  const bits = /^address sizes\s*:\s*(\d{1,2}) bits physical/m.exec(cpuinfo)?.[1];
  return bits === undefined ? undefined : Number(bits);
}

/** The smallest width (MGAW, bits 16 to 21 of the capabilities) of Intel's IOMMUs. */
export function parseIommuBits(capabilities: readonly string[]): number | undefined {
  const widths = capabilities
    .filter((text) => /^[\da-f]{1,16}$/.test(text))
    .map((text) => Number((BigInt(`0x${text}`) >> 16n) & 0x3fn) + 1);
  return widths.length === 0 ? undefined : Math.min(...widths);
}

/** By the first CPU of /proc/cpuinfo. Hygon's have AMD's IOMMU. */
export function parseCpuVendor(cpuinfo: string): 'intel' | 'amd' | 'other' {
  const vendor = /^vendor_id\s*:\s*(\S+)$/m.exec(cpuinfo)?.[1];
  if (vendor === 'GenuineIntel') return 'intel';
  return vendor === 'AuthenticAMD' || vendor === 'HygonGenuine' ? 'amd' : 'other';
}

/** The module stands in the text of modules.dep or modules.builtin. */
export function namesVfioPci(modules: string): boolean {
  return /(?:^|\/)vfio[-_]pci\.ko(?:\.\w+)?(?::|$)/m.test(modules);
}
