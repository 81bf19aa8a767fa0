import type { Catalogue, RoutingOptions } from '../catalogue.ts';

/** What one request sees of the registry. What is worked out for it is kept with it, so one request makes one of it. */
export type RoutingView = {
  readonly catalogue: Catalogue;
  /** Seconds since 1970. */
  readonly nowS: number;
  readonly options: RoutingOptions;
  /** How often a role has had work so far, which says whose turn it is; left out, it is the turn of the first. */
  readonly turn?: (roleId: string) => number;
};
