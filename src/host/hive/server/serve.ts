import { setTimeout as wait } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { VllmdError } from '../../../core/failure.ts';
import { clusterHealth } from '../../../core/hive/cluster-health.ts';
import { asError } from '../../as-error.ts';
import { openStore } from '../store/store.ts';
import { accessBy } from './access.ts';
import { appOf } from './app.ts';
import { openAuditLog } from './audit-log.ts';
import { collisionTeller } from './collision-teller.ts';
import { type Connections, connectionsOf } from './connections.ts';
import { endpointCheck } from './endpoint-rules.ts';
import { gateFor } from './gate.ts';
import type { Hive } from './hive.ts';
import { metricsOf } from './metrics.ts';
import type { Outside } from './outside.ts';
import { coolingBy } from './proxy/cooling.ts';
import { newTurns } from './proxy/turns.ts';
import { openUpstreams } from './proxy/upstream.ts';
import { type Registry, registryOver } from './registry.ts';
import type { ServerOptions } from './server-options.ts';
import { type Observer, recentTraffic } from './traffic.ts';
import { viewOf } from './view-of.ts';

/** A registry that listens. */
export type Serving = {
  readonly url: string;
  readonly registry: Registry;
  /** Says from now on that it is not ready, and still takes requests; resolves when the time for that is over. */
  readonly announceEnd: () => Promise<void>;
  /** Takes no new requests; resolves when those under way have ended, or their time is over. */
  readonly drain: () => Promise<void>;
  /** Ends what is still under way, and does not wait any more. */
  readonly cutOff: () => void;
};

/** Opens the store and listens. Throws where it cannot, and leaves nothing open then. */
export async function serveHive(options: ServerOptions, outside: Outside): Promise<Serving> {
  const closers: (() => unknown)[] = [];
  try {
    return await open(options, outside, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

async function open(
  options: ServerOptions,
  outside: Outside,
  closers: (() => unknown)[],
): Promise<Serving> {
  const { now, tellBug } = outside;
  const endpointProblems = endpointCheck(options.endpoints);
  const store = await openStore(options.sqlitePath);
  closers.push(store.close);
  const upstreams = openUpstreams(options.limits);
  closers.push(upstreams.close);
  const observers: Observer[] = [];
  if (options.auditLogPath !== undefined) {
    const audit = openAuditLog(options.auditLogPath, outside.tell);
    closers.push(audit.close);
    observers.push(audit.note);
  }
  const registry = registryOver(store, options.roles, outside);
  const gate = gateFor(options.limits.inFlight);
  const counts = () => clusterHealth(viewOf({ registry, options }));
  const metrics = metricsOf({ counts, inFlight: gate.inside });
  const traffic = recentTraffic();
  observers.push(metrics.note, traffic.note);
  let isDraining = false;
  const cut = new AbortController();
  const hive: Hive = {
    ...{ options, registry, endpointProblems, upstreams, gate, metrics, traffic, now },
    startedAtMs: now(),
    access: accessBy(options.keys),
    cooling: coolingBy(now),
    turns: newTurns(),
    note: (handled) => {
      for (const observer of observers) observer(handled);
    },
    tellCollisions: collisionTeller(registry.catalogue, outside.tell),
    isDraining: () => isDraining,
  };
  hive.tellCollisions();
  const app = appOf(hive, tellBug);
  const connections = connectionsOf(app.server);
  closers.push(() => app.close());
  const url = await listen(app, options.listen);
  return {
    url,
    registry,
    announceEnd: async () => {
      isDraining = true;
      // Cut off, the time is over, too.
      await wait(options.limits.drainDelayMs, undefined, cut).catch(() => undefined);
    },
    cutOff: () => {
      cut.abort();
      app.server.closeAllConnections();
    },
    drain: async () => {
      isDraining = true;
      await drained(app, connections, cut.signal.aborted ? 0 : options.limits.drainTimeoutMs);
      await closeAll(closers.slice(0, -1));
    },
  };
}

async function listen(
  app: FastifyInstance,
  { host, port }: ServerOptions['listen'],
): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    const message = `cannot listen on ${host} port ${port}: ${asError(error).message}`;
    const hint = 'another program may have that port: choose another one in `server.port`';
    throw new VllmdError('runtime', message, hint, { cause: error });
  }
}

/** How soon a connection is closed whose last answer has gone out. */
const IDLE_CHECK_MS = 50;

/** Ends what is still under way when the time is over. */
async function drained(
  app: FastifyInstance,
  connections: Connections,
  timeoutMs: number,
): Promise<void> {
  const end = setTimeout(() => app.server.closeAllConnections(), timeoutMs);
  // Clients keep connections open for a next request, which would not be taken.
  const idle = setInterval(connections.endUnused, IDLE_CHECK_MS);
  try {
    await app.close();
  } finally {
    clearTimeout(end);
    clearInterval(idle);
  }
}

/** Last opened, first closed. */
async function closeAll(closers: readonly (() => unknown)[]): Promise<void> {
  for (const close of closers.toReversed()) await close();
}
