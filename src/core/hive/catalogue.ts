import type {
  AssetDocument,
  Availability,
  BenchmarkSample,
  HealthSample,
  HostRow,
  RoleRow,
  ServiceRow,
} from './documents.ts';

/**
 * Everything that is registered, by its id. Whoever changes it makes another one: a request sees one from its begin to its
 * end.
 */
export type Catalogue = {
  readonly hosts: ReadonlyMap<string, HostRow>;
  readonly services: ReadonlyMap<string, RegisteredService>;
  readonly assets: ReadonlyMap<string, AssetDocument>;
  readonly roles: ReadonlyMap<string, RoleRow>;
  readonly benchmarks: ReadonlyMap<string, BenchmarkSample>;
};

export const emptyCatalogue: Catalogue = {
  hosts: new Map(),
  services: new Map(),
  assets: new Map(),
  roles: new Map(),
  benchmarks: new Map(),
};

export type RegisteredService = {
  /** As its host declares it, with the availability that an operator has set in the place of the declared one. */
  readonly row: ServiceRow;
  /** Seconds since 1970 of its first registration. */
  readonly created_at: number;
  /** The latest sample of it that somebody has taken. */
  readonly sample: HealthSample | undefined;
  /** Seconds since 1970 of the first of those in a row that say the same as it. */
  readonly statusSinceS?: number | undefined;
  /** What an operator has set; undefined leaves it to the host. */
  readonly availability?: Availability | undefined;
  /** What the host declares, where an operator has set something else. */
  readonly declaredAvailability?: Availability | undefined;
};

export type RoutingOptions = {
  /** A host that was silent for longer gets no work. */
  readonly healthStaleAfterS: number;
  readonly defaultStrategy: Strategy;
  readonly profile: 'v1' | 'v2';
  /** With all hosts silent, use them all the same. */
  readonly failOpen: boolean;
  /** Older measurements do not count; undefined lets all count. */
  readonly benchmarkMaxAgeS: number | undefined;
};

export const strategies = ['scored', 'round_robin', 'least_loaded'] as const;
export type Strategy = (typeof strategies)[number];
