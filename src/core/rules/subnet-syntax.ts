import { formatIpv4, networkOf, parseCidr } from '../config/ipv4.ts';
import { problem } from '../config/problem.ts';
import { quoted } from '../config/show-value.ts';
import type { Diagnostic } from '../diagnostic.ts';
import type { Rule } from './rule.ts';

const AT = '/network/subnet';
const WIDEST = 8;
const NARROWEST = 29;

/** `subnet` is the lowest address of an IPv4 network that hosts can have, with a prefix length from 8 to 29. */
export const subnetSyntax: Rule = {
  id: 'subnet-syntax',
  check: ({ network: { subnet } }) => {
    // What has another form is the schema's `bad-format`.
    if (subnet === undefined || !/^(?:\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/.test(subnet)) return [];
    return problems(subnet);
  },
};

function problems(subnet: string): readonly Diagnostic[] {
  const shown = `got ${quoted(subnet)}`;
  const cidr = parseCidr(subnet);
  if (cidr === undefined) {
    return [
      broken(
        `must have four numbers from 0 to 255 without leading zeros, ${shown}`,
        'such as 10.77.0.0/24',
      ),
    ];
  }
  const { address, prefixLength } = cidr;
  if (prefixLength < WIDEST || prefixLength > NARROWEST) {
    const text = `must have a prefix length from ${WIDEST} to ${NARROWEST}, ${shown}`;
    return [broken(text, '/24 has addresses for 253 runtimes, /16 for 65533')];
  }
  const network = networkOf(cidr);
  if (network !== address) {
    const right = `${formatIpv4(network)}/${prefixLength}`;
    const text = `must be the lowest address of its network, ${shown}`;
    return [broken(text, `write "${right}"`)];
  }
  return isForHosts(address) ? [] : [broken(`must be a network that hosts can have, ${shown}`)];
}

/** Neither this network, nor loopback, nor multicast and what is above it. */
function isForHosts(address: number): boolean {
  const first = Math.floor(address / 2 ** 24);
  return first !== 0 && first !== 127 && first < 224;
}

function broken(
  text: string,
  help = 'use a private one: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16',
): Diagnostic {
  return problem('subnet-syntax', AT, text, help);
}
