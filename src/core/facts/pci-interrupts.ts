const REMAPPING_BIT = 3n;

/**
 * Chips whose interrupts are remapped have a prefix in /proc/interrupts: `IR-IO-APIC`, `IR-PCI-MSI`. x86 without any has
 * no remapping. Where that text says nothing, the extended capabilities of Intel's IOMMUs may rule it out.
 */
export function parseInterruptRemapping(
  interrupts: string,
  extendedCapabilities: readonly string[],
): boolean | undefined {
  if (/\sIR-\w/.test(interrupts)) return true;
  if (/\sIO-APIC\b/.test(interrupts)) return false;
  const values = extendedCapabilities.filter((text) => /^[\da-f]{1,16}$/.test(text));
  const canRemap = values.some((text) => ((BigInt(`0x${text}`) >> REMAPPING_BIT) & 1n) === 1n);
  return values.length > 0 && !canRemap ? false : undefined;
}
