import { formatIpv4, parseIpv4 } from '../../config/ipv4.ts';

/** The eight numbers of an IPv6 address in any of its forms; an IPv4 address is mapped into one. */
export function groupsOf(text: string): readonly number[] | undefined {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== undefined) return [...MAPPED, Math.floor(ipv4 / 2 ** 16), ipv4 % 2 ** 16];
  if (!/^[\da-f:.]+$/i.test(text) || !URL.canParse(`http://[${text}]`)) return undefined;
  // What a URL makes of it has no dots, and is shortened.
  return expanded(new URL(`http://[${text}]`).hostname.slice(1, -1));
}

const MAPPED = [0, 0, 0, 0, 0, 0xffff];

function expanded(text: string): readonly number[] {
  const [head = '', tail] = text.split('::');
  const before = numbersOf(head);
  if (tail === undefined) return before;
  const after = numbersOf(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after];
}

function numbersOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}

/** The IPv4 address that an IPv6 address is another form of: mapped, compatible, translated, or through NAT64 or 6to4. */
export function ipv4Within(groups: readonly number[]): string | undefined {
  const [first, second = 0, third = 0] = groups;
  if (first === 0x2002) return formatIpv4(second * 2 ** 16 + third);
  const start = groups.slice(0, 6).join(' ');
  if (!FORMS.includes(start)) return undefined;
  return formatIpv4((groups[6] ?? 0) * 2 ** 16 + (groups[7] ?? 0));
}

const FORMS = [MAPPED, [0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0xffff, 0], [0x64, 0xff9b, 0, 0, 0, 0]].map(
  (groups) => groups.join(' '),
);

/** Addresses that begin with the same bits; those of IPv4 as their mapped form has them. */
export type Network = { readonly groups: readonly number[]; readonly bits: number };

/** `10.0.0.0/8`, `fd00::/8`, or one address. */
export function networkIn(text: string): Network | undefined {
  const [, address = '', length] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const groups = groupsOf(address);
  if (groups === undefined) return undefined;
  const most = address.includes(':') ? 128 : 32;
  const bits = Number(length ?? most);
  return bits > most ? undefined : { groups, bits: bits + 128 - most };
}

/** Whether an address without brackets lies in a network; a name lies in none. */
export function isInNetwork(address: string, { groups, bits }: Network): boolean {
  const found = groupsOf(address);
  return (
    found?.every((group, index) => {
      const unit = 2 ** Math.max(0, 16 - Math.max(0, bits - 16 * index));
      return Math.floor(group / unit) === Math.floor((groups[index] ?? 0) / unit);
    }) ?? false
  );
}
