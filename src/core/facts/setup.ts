import type { LocalAccount } from './accounts.ts';
import type { NetworkFacts } from './facts.ts';
import type { Inventory } from './inventory.ts';

/** What a first config is made from. */
export type SetupFacts = {
  readonly inventory: Inventory;
  /** In the order of the account database. */
  readonly accounts: readonly LocalAccount[];
  readonly network: SetupNetwork;
  /** What `cloud-hypervisor --version` prints. */
  readonly cloudHypervisor: string | undefined;
};

export type SetupNetwork = {
  /** Where the IPv4 default route leads. */
  readonly defaultRoute: DefaultRoute | undefined;
  /** Names of all interfaces but those that vllmd has made. */
  readonly interfaces: readonly string[];
  readonly routes: NetworkFacts['routes'];
};

export type DefaultRoute = {
  readonly device: string;
  /** IPv4 address; undefined where the route has none. */
  readonly gateway: string | undefined;
};
