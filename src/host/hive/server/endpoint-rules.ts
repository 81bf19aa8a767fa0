import type { HostDocument, ServiceDocument } from '../../../core/hive/documents.ts';
import { groupsOf, isInNetwork, networkIn } from '../../../core/hive/read/addresses.ts';
import type { FieldProblem } from './http-problem.ts';
import type { EndpointRules } from './server-options.ts';

export type EndpointCheck = (
  host: Pick<HostDocument, 'address'>,
  services: readonly ServiceDocument[],
) => readonly FieldProblem[];

/**
 * A node says where requests of others go. Unless told otherwise that is the node itself: else whoever has its key could
 * have this machine call whatever it can reach.
 */
export function endpointCheck({ allowAny, allowedNetworks }: EndpointRules): EndpointCheck {
  const allowed = allowedNetworks.flatMap((text) => networkIn(text) ?? []);
  return ({ address }, services) => {
    if (allowAny) return [];
    return services.flatMap(({ endpoint }, at) => {
      const name = hostOf(endpoint);
      const isAllowed = isSame(name, address) || allowed.some((one) => isInNetwork(name, one));
      return isAllowed ? [] : [foreign(endpoint, address, at)];
    });
  };
}

function foreign(endpoint: string, address: string, at: number): FieldProblem {
  const msg = `Input should be on the address of its host, ${address}, or in a network of routing.allow_networks`;
  return { type: 'value_error', loc: ['body', 'services', at, 'endpoint'], msg, input: endpoint };
}

/** Of an IPv6 address without its brackets. */
function hostOf(endpoint: string): string {
  return new URL(endpoint).hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function isSame(name: string, address: string): boolean {
  const ours = groupsOf(name);
  const theirs = groupsOf(address.replace(/^\[(.*)\]$/, '$1'));
  if (ours === undefined || theirs === undefined) return name === address.toLowerCase();
  return ours.join() === theirs.join();
}
