import type { Access } from './access.ts';
import type { EndpointCheck } from './endpoint-rules.ts';
import type { Gate } from './gate.ts';
import type { Metrics } from './metrics.ts';
import type { Cooling } from './proxy/cooling.ts';
import type { Turns } from './proxy/turns.ts';
import type { Upstreams } from './proxy/upstream.ts';
import type { Registry } from './registry.ts';
import type { ServerOptions } from './server-options.ts';
import type { Observer, RecentTraffic } from './traffic.ts';

/** What the routes of the registry work with. */
export type Hive = {
  readonly options: ServerOptions;
  readonly registry: Registry;
  readonly access: Access;
  readonly endpointProblems: EndpointCheck;
  readonly upstreams: Upstreams;
  readonly cooling: Cooling;
  readonly turns: Turns;
  readonly gate: Gate;
  readonly metrics: Metrics;
  readonly traffic: RecentTraffic;
  /** Of all requests for a model. */
  readonly note: Observer;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly startedAtMs: number;
  /** Called when other names may be registered than before. */
  readonly tellCollisions: () => void;
  /** It ends when the requests that it has are answered. */
  readonly isDraining: () => boolean;
};
