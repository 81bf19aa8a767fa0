import { parseAccounts } from '../core/facts/accounts.ts';
import { OWN_ALIAS } from '../core/facts/facts.ts';
import { parseDefaultRoute } from '../core/facts/routes.ts';
import type { SetupFacts, SetupNetwork } from '../core/facts/setup.ts';
import type { HostReader } from './host.ts';
import { readRoutes, readVersion } from './read-facts.ts';
import { readInventory } from './read-inventory.ts';
import { attribute } from './read-pci-attribute.ts';
import { readText } from './read-text.ts';

/** With accounts and network, for a first config. */
export async function readSetupFacts(host: HostReader): Promise<SetupFacts> {
  return {
    inventory: await readInventory(host, { withHolders: true }),
    accounts: parseAccounts(await readText(host, '/etc/passwd')),
    network: await readNetwork(host),
    cloudHypervisor: await readVersion(host),
  };
}

async function readNetwork(host: HostReader): Promise<SetupNetwork> {
  const interfaces: string[] = [];
  for (const name of (await host.list('/sys/class/net')) ?? []) {
    const path = `/sys/class/net/${name}/ifalias`;
    // What has none is no interface: bonding_masters.
    if (name === 'lo' || !(await host.exists(path))) continue;
    if ((await attribute(host, path)) !== OWN_ALIAS) interfaces.push(name);
  }
  return {
    defaultRoute: parseDefaultRoute(await readText(host, '/proc/net/route')),
    interfaces,
    routes: await readRoutes(host),
  };
}
