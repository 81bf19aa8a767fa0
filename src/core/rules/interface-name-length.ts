import { byteLength, hasMoreBytes } from '../byte-length.ts';
import { keyName, showValue } from '../config/show-value.ts';
import { type Diagnostic, errorAt } from '../diagnostic.ts';
import type { Rule } from './rule.ts';

/** IFNAMSIZ of Linux, less the NUL that ends the name. */
const MAX_BYTES = 15;

/** `default_interface` and `bridge_name` have at most 15 bytes. */
export const interfaceNameLength: Rule = {
  id: 'interface-name-length',
  check: ({ network: { defaultInterface, bridgeName } }) => [
    ...tooLong('/network/default_interface', defaultInterface),
    ...tooLong('/network/bridge_name', bridgeName),
  ],
};

function tooLong(at: string, name: string | undefined): readonly Diagnostic[] {
  if (name === undefined || isInterfaceNameShort(name)) return [];
  const text = `${keyName(at)}: must have at most ${MAX_BYTES} bytes, got ${byteLength(name)}: ${showValue(name)}`;
  return [errorAt('interface-name-length', at, text, 'Linux has no longer interface names')];
}

/** Whether Linux has room for it. */
export function isInterfaceNameShort(name: string): boolean {
  return !hasMoreBytes(name, MAX_BYTES);
}
