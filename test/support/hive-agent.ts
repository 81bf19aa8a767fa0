import { setTimeout as wait } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { Inventory } from '../../src/core/hive/inventory/inventory.ts';
import { readInventory } from '../../src/core/hive/inventory/read-inventory.ts';
import { agentOf } from '../../src/host/hive/agent/agent.ts';
import { runAgent } from '../../src/host/hive/agent/run-agent.ts';
import { localAddress } from '../../src/host/hive/agent/this-host.ts';

/** An agent in this process, which ends with the test. */
export type TestAgent = {
  readonly said: () => readonly string[];
  readonly take: (inventory: Inventory) => void;
  /** Settles as its rounds do, when they are over. */
  readonly ended: Promise<void>;
  readonly stop: () => Promise<void>;
};

type Given = {
  readonly probeTimeoutMs?: number;
  readonly hostId?: string;
  readonly address?: string;
  /** In the place of what a connection says. */
  readonly addressTo?: typeof localAddress;
};

export function testAgent(url: string, inventory: Inventory, given: Given = {}): TestAgent {
  const lines: string[] = [];
  const tell = (line: string) => void lines.push(line);
  const end = new AbortController();
  const outside = {
    now: Date.now,
    tell,
    ended: end.signal,
    addressTo: given.addressTo ?? localAddress,
  };
  const options = { hostId: given.hostId, address: given.address, keyVariable: 'KEY' };
  const { probeTimeoutMs = 60_000 } = given;
  const agent = agentOf(inventory, { ...options, registry: { url }, probeTimeoutMs }, outside);
  const paces = { intervalMs: 10, slowMs: 40 };
  const ended = runAgent(agent, {
    ...{ url, tell, ended: end.signal, wake: () => end.signal },
    ...paces,
  });
  // Whoever waits for it sees why it has ended.
  ended.catch(() => undefined);
  const stop = async () => {
    end.abort();
    await ended.catch(() => undefined);
  };
  onTestFinished(stop);
  return { said: () => lines, take: agent.take, ended, stop };
}

/** A host `h1` with these services. */
export function inventoryOf(
  services: readonly object[],
  assets: readonly object[] = [],
  host: object = { host_id: 'h1', address: '127.0.0.1' },
): Inventory {
  const read = readInventory({ host, services, assets });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

/** Comes when something is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await wait(5);
}
