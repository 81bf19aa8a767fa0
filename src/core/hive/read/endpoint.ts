import { groupsOf, ipv4Within, isInNetwork, networkIn } from './addresses.ts';
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
  if (METADATA_NAMES.includes(host)) return true;
  const address = host.replace(/^\[|\]$/g, '');
  const groups = groupsOf(address);
  if (groups === undefined) return false;
  const meant = ipv4Within(groups) ?? address;
  return forbidden.some((network) => isInNetwork(meant, network));
}

const METADATA_NAMES = [
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
];

/** Link-local addresses, where most clouds have theirs; then Alibaba, Azure, Oracle and Amazon. */
const forbidden = [
  ...['169.254.0.0/16', 'fe80::/10'],
  ...['100.100.100.200', '168.63.129.16', '192.0.0.192', 'fd00:ec2::/32'],
].flatMap((text) => networkIn(text) ?? []);
