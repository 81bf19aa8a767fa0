import { parseIpv4 } from '../../config/ipv4.ts';
import { type Reading, read, refused } from './problem.ts';
import { readLine } from './scalars.ts';

/** A URL that `/v1/…` is put behind, without slashes at its end. */
export function readEndpoint(value: unknown): Reading<string> {
  const line = readLine(value);
  if (!line.ok) return line;
  const text = line.value;
  const why = endpointProblem(text);
  return why === undefined ? read(text.replace(/\/+$/, '')) : refused('value_error', why);
}

function endpointProblem(text: string): string | undefined {
  // What a parser makes out of blanks, backslashes and missing slashes, another reads otherwise.
  if (!/^https?:\/\/[^/\s\\]/i.test(text) || /[\s\\]/.test(text)) {
    return 'Input should be a URL that begins with http:// or https:// and has no blanks';
  }
  const authority = text.split('/')[2] ?? '';
  if (authority.includes('@')) return 'Input should have no user and no password in its URL';
  if (/[?#]/.test(text)) return 'Input should have no query and no fragment in its URL';
  const host = hostOf(text);
  if (host === undefined) return 'Input should be a URL with a valid host and port';
  return isForbiddenHost(host)
    ? 'Input should not be a link-local address or a metadata service of a cloud'
    : undefined;
}

/** As URLs are compared: an IPv4 address in any of its forms is four decimal numbers. */
function hostOf(text: string): string | undefined {
  return URL.canParse(text) ? new URL(text).hostname.replace(/\.$/, '') : undefined;
}

/** Whether nothing that serves a model can be there, but something that gives away keys may be. */
export function isForbiddenHost(host: string): boolean {
  const inBrackets = /^\[(.*)\]$/.exec(host)?.[1];
  if (inBrackets !== undefined) return isForbiddenIpv6(groupsOf(inBrackets));
  const address = parseIpv4(host);
  return address === undefined ? METADATA_NAMES.includes(host) : isForbiddenIpv4(address);
}

const METADATA_NAMES = [
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
];

/** Where Alibaba, Azure and Oracle have theirs; that of the others is link-local. */
const METADATA_ADDRESSES = ['100.100.100.200', '168.63.129.16', '192.0.0.192'].map(parseIpv4);

function isForbiddenIpv4(address: number): boolean {
  const isLinkLocal = Math.floor(address / 2 ** 16) === 169 * 256 + 254;
  return isLinkLocal || METADATA_ADDRESSES.includes(address);
}

/** The eight numbers of an address as a URL has it: no dots in it, and shortened. */
function groupsOf(text: string): readonly number[] {
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

function isForbiddenIpv6(groups: readonly number[]): boolean {
  const [first = 0, second = 0, third = 0] = groups;
  // fe80::/10
  if (Math.floor(first / 64) === 0xfe80 / 64) return true;
  // fd00:ec2::/32, where Amazon has its own.
  if (first === 0xfd00 && second === 0x0ec2) return true;
  // 2002::/16 leads to the IPv4 address in its next two groups.
  if (first === 0x2002) return isForbiddenIpv4(second * 2 ** 16 + third);
  return hasIpv4AtEnd(groups) && isForbiddenIpv4((groups[6] ?? 0) * 2 ** 16 + (groups[7] ?? 0));
}

/** IPv4-mapped, -compatible, -translated, and through NAT64. */
function hasIpv4AtEnd(groups: readonly number[]): boolean {
  const start = groups.slice(0, 6).join(' ');
  const forms = ['0 0 0 0 0 0', `0 0 0 0 0 ${0xffff}`, `0 0 0 0 ${0xffff} 0`];
  return forms.includes(start) || start === `${0x64} ${0xff9b} 0 0 0 0`;
}
