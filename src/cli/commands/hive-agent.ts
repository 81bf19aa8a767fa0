import { visible } from '../../core/control-characters.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import { loadInventory } from '../../core/hive/files/load-file.ts';
import { isHostAddress } from '../../core/hive/inventory/host-address.ts';
import type { Inventory } from '../../core/hive/inventory/inventory.ts';
import { readId } from '../../core/hive/read/scalars.ts';
import { type Agent, agentOf } from '../../host/hive/agent/agent.ts';
import { runAgent } from '../../host/hive/agent/run-agent.ts';
import { localAddress } from '../../host/hive/agent/this-host.ts';
import type { World } from '../../host/world.ts';
import { readPlace } from '../find-config.ts';
import { hiveLanguage } from '../hive-language.ts';
import { NODE_KEY_VARIABLE, type RegistryOptions, registryForNode } from '../hive-registry.ts';
import { showDiagnostics } from '../show-diagnostics.ts';

type AgentOptions = RegistryOptions & {
  readonly hostId: string | undefined;
  readonly address: string | undefined;
  readonly interval: string | undefined;
  readonly once: boolean;
  /** What the host has to serve; undefined where that is not valid, which has been shown then. */
  readonly readInventory: () => Promise<Inventory | undefined>;
};

const PROBE_TIMEOUT_MS = 3000;
const SLOW_MS = 30_000;
const INTERVAL_S = 5;

/** Registers this host and tells how its services are, until a signal ends it. SIGHUP reads its inventory again. */
export async function hiveAgent(options: AgentOptions, world: World): Promise<number> {
  mustBeNames(options);
  const intervalMs = intervalIn(options.interval) * 1000;
  const registry = registryForNode(options, world);
  const inventory = await options.readInventory();
  if (inventory === undefined) return exitCodes.config;
  const tell = (line: string) => world.stderr.write(`${line}\n`);
  const life = lifeOf(world);
  const agent = agentOf(
    inventory,
    {
      ...{ registry, keyVariable: NODE_KEY_VARIABLE, probeTimeoutMs: PROBE_TIMEOUT_MS },
      ...{ hostId: options.hostId, address: options.address },
    },
    { now: world.now, tell, ended: life.ended, addressTo: localAddress },
  );
  life.onHangUp(() => readAgain(agent, options, tell));
  const paces = { intervalMs, slowMs: SLOW_MS };
  const { ended, wake } = life;
  try {
    if (options.once) await onceUntil(ended, agent);
    else await runAgent(agent, { ...paces, url: registry.url, tell, wake, ended });
    life.mustBeSound();
  } finally {
    life.stop();
  }
  // A signal is how it is meant to end.
  return exitCodes.ok;
}

/** A file with an inventory; undefined where it is not valid, which is shown then. */
export async function readInventoryFile(
  file: string,
  world: World,
): Promise<Inventory | undefined> {
  const found = readPlace(file, world, { option: '--inventory' });
  if (found === undefined) {
    const help = 'name another with --inventory FILE';
    throw new VllmdError('noConfig', `the file ${visible(file)} does not exist`, help);
  }
  const { text, result } = loadInventory(found.bytes);
  if (result.ok) return result.value;
  const source = { file, text, language: hiveLanguage, isInOrder: true } as const;
  await showDiagnostics(result.diagnostics, source, false, world);
  return undefined;
}

async function onceUntil(ended: AbortSignal, agent: Agent): Promise<void> {
  try {
    await agent.round();
  } catch (error) {
    if (!ended.aborted) throw error;
  }
}

async function readAgain(
  agent: Agent,
  { readInventory }: AgentOptions,
  tell: (line: string) => void,
): Promise<void> {
  try {
    const inventory = await readInventory();
    if (inventory === undefined) tell('what was read before stays');
    else agent.take(inventory);
  } catch (error) {
    if (!(error instanceof VllmdError)) throw error;
    tell(`what was read before stays: ${visible(error.message)}`);
  }
}

/** How long it goes on, and what wakes it. */
function lifeOf(world: World) {
  const interrupts = world.interrupts();
  const end = new AbortController();
  let nap = new AbortController();
  let isWoken = false;
  let bug: { readonly error: unknown } | undefined;
  const awake = () => {
    isWoken = true;
    nap.abort();
  };
  interrupts.onSignal(() => {
    end.abort();
    awake();
  });
  return {
    ended: end.signal,
    /** For one pause; it is none where something has happened since the one before. */
    wake: () => {
      nap = new AbortController();
      if (isWoken) nap.abort();
      isWoken = false;
      return nap.signal;
    },
    onHangUp: (read: () => Promise<void>) =>
      interrupts.onHangUp(() => {
        read().then(awake, (error: unknown) => {
          bug = { error };
          end.abort();
          awake();
        });
      }),
    mustBeSound: () => {
      if (bug !== undefined) throw bug.error;
    },
    stop: interrupts.stop,
  };
}

function mustBeNames({ hostId, address }: AgentOptions): void {
  if (hostId !== undefined && !readId(hostId).ok) {
    const message = 'what is in --host-id is no id: it is empty or has control characters';
    throw new VllmdError('usage', message, 'it is how the registry calls this host');
  }
  if (address !== undefined && !isHostAddress(address)) {
    const message = 'what is in --address is no name and no IP address';
    throw new VllmdError('usage', message, 'it is without a port and without brackets');
  }
}

function intervalIn(text: string | undefined): number {
  const seconds = text === undefined ? INTERVAL_S : /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= 300) return seconds;
  const help = 'it is how many seconds there are between rounds';
  throw new VllmdError('usage', '--interval is no number from 1 to 300', help);
}
