import { setMaxListeners } from 'node:events';
import { visible } from '../../../core/control-characters.ts';
import { type Memory, type Round, roundOf } from '../../../core/hive/agent/round.ts';
import type { HostDocument } from '../../../core/hive/documents.ts';
import { hostDocumentOf } from '../../../core/hive/inventory/documents-of.ts';
import type { Inventory } from '../../../core/hive/inventory/inventory.ts';
import type { HiveAddress } from '../client/hive-client.ts';
import { probeAll } from './probe.ts';
import { registrationOf } from './registration.ts';
import { reporterTo } from './report.ts';
import { hostName, hostResources } from './this-host.ts';

export type AgentOptions = {
  readonly registry: HiveAddress;
  /** Where the key of a host may be, besides in a file. */
  readonly keyVariable: string;
  /** In the place of what the inventory says. */
  readonly hostId: string | undefined;
  readonly address: string | undefined;
  readonly probeTimeoutMs: number;
};

/** A registry answers a heartbeat at once, and the next round should not wait for one that does not. */
const TIMEOUT_MS = 10_000;

export type AgentOutside = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Takes one line. */
  readonly tell: (line: string) => void;
  readonly ended: AbortSignal;
  /** By which address this host reaches the registry. */
  readonly addressTo: (url: string, ended: AbortSignal) => Promise<string>;
};

/** Speaks for one host. */
export type Agent = {
  /** From the next round on this is what the host has, and it registers again. */
  readonly take: (inventory: Inventory) => void;
  /** Whether the registry has taken a registration. */
  readonly hasRegistered: () => boolean;
  /** Asks all services how they are and tells the registry. Throws where it cannot be told. */
  readonly round: () => Promise<void>;
};

export function agentOf(inventory: Inventory, options: AgentOptions, outside: AgentOutside): Agent {
  const { tell, ended } = outside;
  // Every question listens to it while it waits, and there may be many at a time.
  setMaxListeners(0, ended);
  const reporter = reporterTo(
    { ...options.registry, ended, timeoutMs: TIMEOUT_MS },
    options.keyVariable,
  );
  const registration = registrationOf(reporter, options.registry.url, outside);
  let given = inventory;
  let next: Inventory | undefined;
  let host: HostDocument | undefined;
  let memory: Memory = new Map();

  const look = async ({ services }: HostDocument): Promise<Round> => {
    const { probeTimeoutMs: timeoutMs } = options;
    const readings = await probeAll(services, { timeoutMs, now: outside.now, ended });
    const round = roundOf(services, readings, memory);
    memory = round.memory;
    return round;
  };
  /** An address that nobody has given is found out again when something may have changed it. */
  const current = async (): Promise<HostDocument> => {
    if (host !== undefined && !registration.isInDoubt()) return host;
    const found = await hostOf(given, options, outside);
    if (JSON.stringify(found) !== JSON.stringify(host)) registration.renew();
    host = found;
    return found;
  };
  return {
    take: (wanted) => {
      next = wanted;
    },
    hasRegistered: registration.hasRegistered,
    round: async () => {
      // Not while a round is under way, which would report half of each.
      if (next !== undefined) {
        given = next;
        next = undefined;
        host = undefined;
      }
      const document = await current();
      const round = await look(document);
      // What they did not answer any more says nothing of them.
      if (ended.aborted) return;
      try {
        await registration.report(document, given.assets, round);
      } finally {
        for (const line of round.said) tell(visible(line));
      }
    },
  };
}

async function hostOf(
  { host, ...rest }: Inventory,
  { hostId, address, registry }: AgentOptions,
  { ended, addressTo }: AgentOutside,
): Promise<HostDocument> {
  const named = {
    ...host,
    host_id: hostId ?? host.host_id,
    address: address ?? host.address,
    resources: { ...hostResources(), ...host.resources },
  };
  const name = {
    hostId: hostName(),
    address: named.address ?? (await addressTo(registry.url, ended)),
  };
  return hostDocumentOf({ ...rest, host: named }, name);
}
