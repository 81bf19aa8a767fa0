import type { ErrorObject } from 'ajv';
import { canonicalPciAddress, pciAddressPattern } from './pci-address.ts';

/**
 * Addresses as other programs print them: `01:00.0` of lspci, `00000000:01:00.0` of nvidia-smi, upper-case hex. No other
 * separators: `01:00:00.0` can be read in two ways.
 */
const PLAIN_ADDRESS = /^(?:[\da-f]{4}(?:[\da-f]{4})?:)?[\da-f]{2}:[\da-f]{2}\.[0-7]$/i;

/** The one thing that a value of another spelling can mean; undefined where there is none, or more than one. */
export function respelled({
  keyword,
  params,
  data,
  parentSchema,
}: ErrorObject): string | undefined {
  if (typeof data !== 'string') return undefined;
  if (keyword === 'enum') return sameButForCase(data, parentSchema?.['enum']);
  if (keyword !== 'pattern') return undefined;
  const pattern = String(params['pattern']);
  if (pattern === pciAddressPattern) {
    return PLAIN_ADDRESS.test(data) ? canonicalPciAddress(data) : undefined;
  }
  return isUpperCaseHex(data) && new RegExp(pattern, 'u').test(data.toLowerCase())
    ? data.toLowerCase()
    : undefined;
}

/** A MAC address, say; the case of a name is part of it. */
function isUpperCaseHex(text: string): boolean {
  return /^[\da-f]{2}(?::[\da-f]{2})+$/i.test(text);
}

function sameButForCase(text: string, allowed: unknown): string | undefined {
  const values = Array.isArray(allowed) ? allowed.map(String) : [];
  const same = values.filter((value) => value.toLowerCase() === text.toLowerCase());
  return same.length === 1 ? same[0] : undefined;
}
