import { configDefaults, configPatterns } from '../config/config-input.gen.ts';
import type { SetupNetwork } from '../facts/setup.ts';
import { overlap } from '../preflight/network.ts';
import { isInterfaceNameShort } from '../rules/interface-name-length.ts';
import { isTapName } from '../rules/interface-not-tap.ts';
import type { ProposedNetwork } from './proposal.ts';

const NAME = new RegExp(configPatterns.network.default_interface);
const DEFAULT_SUBNET = '10.77.0.0/24';
/** Private ones, then what is shared among providers and what is for measurements: RFC 1918, 6598, 2544. */
const SUBNETS = [
  '10.78.0.0/24',
  '10.177.0.0/24',
  '172.30.77.0/24',
  '192.168.177.0/24',
  '100.64.77.0/24',
  '198.18.77.0/24',
];
const BRIDGES = ['vllmd-br1', 'vllmd-br2', 'vllmd-br3'];

/** What is left to the operator where no subnet is free. */
export function subnetNote(
  { routes }: SetupNetwork,
  { subnet }: ProposedNetwork,
): readonly string[] {
  if (subnet !== undefined || !routes.some((route) => overlap(route.subnet, DEFAULT_SUBNET))) {
    return [];
  }
  return [
    `every subnet that init knows is in use on the host, ${DEFAULT_SUBNET} too: set network.subnet`,
  ];
}

/** The way outside, and for the guests what the host does not use yet. */
export function chooseNetwork(network: SetupNetwork): ProposedNetwork {
  const { defaultRoute, interfaces, routes } = network;
  const usualBridge = configDefaults.network.bridge_name;
  const isFree = (subnet: string) => !routes.some((route) => overlap(route.subnet, subnet));
  const isTaken = interfaces.includes(usualBridge);
  const bridge = isTaken ? BRIDGES.find((name) => !interfaces.includes(name)) : undefined;
  const device = defaultRoute?.device ?? '';
  return {
    uplink: isUplink(device) && device !== (bridge ?? usualBridge) ? device : undefined,
    defaultRoute,
    bridge,
    subnet: isFree(DEFAULT_SUBNET) ? undefined : SUBNETS.find(isFree),
  };
}

/** Whether the config takes it as an interface. */
export function isUplink(name: string): boolean {
  return NAME.test(name) && isInterfaceNameShort(name) && !isTapName(name);
}
