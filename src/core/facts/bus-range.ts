/** The bus behind a bridge, and the last one that can be reached through it. */
export type BusRange = { readonly secondary: number; readonly subordinate: number };

/** Of the header of a bridge: PCI-to-PCI Bridge Architecture Specification, 3.2.5. */
const SECONDARY = 0x19;
const SUBORDINATE = 0x1a;

/** Out of the first bytes of `config`; undefined where the firmware has not set the bridge up. */
export function parseBusRange(config: Uint8Array | undefined): BusRange | undefined {
  const secondary = config?.[SECONDARY];
  const subordinate = config?.[SUBORDINATE];
  if (secondary === undefined || subordinate === undefined) return undefined;
  return secondary === 0 || secondary > subordinate ? undefined : { secondary, subordinate };
}

/** `0000:01:00.0` is on bus 1. */
export function busOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}

export function domainOf(address: string): string {
  return address.slice(0, address.indexOf(':'));
}
