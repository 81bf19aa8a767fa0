import { type Diagnostic, errorAt } from '../diagnostic.ts';
import { OWN_ALIAS } from '../facts/facts.ts';
import type { PreflightInput } from './check.ts';

/** The host's own network, which must stay as it is. */
export function networkChecks(input: PreflightInput): readonly Diagnostic[] {
  const { mode } = input.desired.network;
  if (mode === 'none') return [];
  if (mode === 'bridge') return bridgeThere(input);
  return [...uplinkThere(input), ...bridgeNameFree(input), ...subnetFree(input)];
}

function uplinkThere({ desired: { network }, facts }: PreflightInput): readonly Diagnostic[] {
  if (network.uplink === '' || facts.network.interfaces.has(network.uplink)) return [];
  return [
    errorAt(
      'uplink-present',
      '/network/default_interface',
      `network.default_interface: the host has no interface "${network.uplink}"`,
      'see: ip -brief link; without the key the guests leave by any interface',
    ),
  ];
}

function bridgeNameFree({ desired: { network }, facts }: PreflightInput): readonly Diagnostic[] {
  const found = facts.network.interfaces.get(network.bridge);
  if (found === undefined || found.alias === OWN_ALIAS) return [];
  const what = found.isBridge ? 'a bridge of the host' : 'an interface of the host and no bridge';
  return [
    errorAt(
      'bridge-name-free',
      '/network/bridge_name',
      `network.bridge_name: "${network.bridge}" is ${what}, and vllmd makes its own with mode = "nat"`,
      'choose a name that no interface has; mode = "bridge" (schema_version = 2) uses a bridge that is there',
    ),
  ];
}

function bridgeThere({ desired: { network }, facts }: PreflightInput): readonly Diagnostic[] {
  const found = facts.network.interfaces.get(network.bridge);
  if (found?.isBridge === true) return [];
  return [
    errorAt(
      'bridge-present',
      '/network/bridge_name',
      `network.bridge_name: ${found === undefined ? 'the host has no' : 'no bridge is called'} "${network.bridge}", and mode = "bridge" uses one that is there`,
      'make it where the host’s network is configured, or set network.mode = "nat"',
    ),
  ];
}

/** Guests in a subnet that the host already reaches elsewhere would take its traffic. */
function subnetFree({ desired: { network }, facts }: PreflightInput): readonly Diagnostic[] {
  const clash = facts.network.routes.find(
    ({ device, subnet }) => device !== network.bridge && overlap(subnet, network.subnet),
  );
  if (clash === undefined) return [];
  return [
    errorAt(
      'subnet-free',
      '/network',
      `the guests' subnet ${network.subnet} overlaps ${clash.subnet}, which the host reaches through ${clash.device}`,
      'set network.subnet to one that is not in use (schema_version = 2); see: ip route',
    ),
  ];
}

/** Of two subnets in CIDR form. */
export function overlap(a: string, b: string): boolean {
  const [first, second] = [rangeOf(a), rangeOf(b)];
  return first.low <= second.high && second.low <= first.high;
}

function rangeOf(cidr: string): { readonly low: number; readonly high: number } {
  const [address = '', length = '32'] = cidr.split('/');
  const low = address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
  return { low, high: low + 2 ** (32 - Number(length)) - 1 };
}
