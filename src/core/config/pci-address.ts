/** As the schema has it: by this its keys for addresses are known. */
export const pciAddressPattern = '^[0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\\.[0-7]$';
const CANONICAL = new RegExp(pciAddressPattern);
const LOOSE =
  /^(?:(?:pci)?[-@: ]*)?(?:([0-9a-f]{1,8})[:.])?([0-9a-f]{1,2})[:.]([0-9a-f]{1,2})[.:]([0-7])$/;

export function isPciAddress(text: string): boolean {
  return CANONICAL.test(text);
}

/** `01:00.0` is `0000:01:00.0`; undefined when a part is missing or out of range. */
export function canonicalPciAddress(text: string): string | undefined {
  // Longer than any spelling of an address.
  if (text.length > 40) return undefined;
  const match = LOOSE.exec(text.trim().toLowerCase());
  if (match === null) return undefined;
  const [, domain = '0', bus = '', device = '', fn = ''] = match;
  const shortDomain = domain.replace(/^0+(?=.{4})/, '').padStart(4, '0');
  const address = `${shortDomain}:${bus.padStart(2, '0')}:${device.padStart(2, '0')}.${fn}`;
  return isPciAddress(address) ? address : undefined;
}
