/** An IPv4 subnet as two numbers; `address` may have host bits. */
export type Cidr = { readonly address: number; readonly prefixLength: number };

/** Undefined where it is no address, and where a part is written with a zero before it: some read that as octal. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part))) {
    return undefined;
  }
  if (parts.some((part) => Number(part) > 255)) return undefined;
  return parts.reduce((value, part) => value * 256 + Number(part), 0);
}

export function parseCidr(text: string): Cidr | undefined {
  const [, written = '', length = ''] = /^([\d.]+)\/(\d{1,2})$/.exec(text) ?? [];
  const address = parseIpv4(written);
  return address === undefined ? undefined : { address, prefixLength: Number(length) };
}

/** How many addresses a subnet has, its own and the broadcast address included. */
export function sizeOf(prefixLength: number): number {
  return 2 ** (32 - prefixLength);
}

/** The lowest address of the subnet that an address is in. */
export function networkOf({ address, prefixLength }: Cidr): number {
  return address - (address % sizeOf(prefixLength));
}

export function formatIpv4(address: number): string {
  return [2 ** 24, 2 ** 16, 2 ** 8, 1]
    .map((unit) => String(Math.floor(address / unit) % 256))
    .join('.');
}
