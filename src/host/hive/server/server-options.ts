import type { RoutingOptions } from '../../../core/hive/catalogue.ts';
import type { RoleDocument } from '../../../core/hive/documents.ts';

/** Everything that a registry is started with. */
export type ServerOptions = {
  readonly listen: { readonly host: string; readonly port: number };
  readonly keys: ServerKeys;
  /** Path, or ':memory:'. */
  readonly sqlitePath: string;
  readonly roles: readonly RoleDocument[];
  readonly routing: RoutingOptions;
  /** How often a request that no client has seen an answer of goes to another service. */
  readonly retries: number;
  readonly endpoints: EndpointRules;
  readonly limits: Limits;
  /** One JSON line a request, without its contents. */
  readonly auditLogPath: string | undefined;
  readonly version: string;
};

/** None of a kind leaves that side open to all. */
export type ServerKeys = {
  readonly clients: readonly Key[];
  readonly nodes: readonly Key[];
  /** None lets clients write measurements. */
  readonly benchmarks: readonly Key[];
};

export type Key = {
  /** SHA-256 of the key: nothing keeps the key itself. */
  readonly digest: Uint8Array;
  /** How logs name it. */
  readonly id: string;
  /** The only hosts that a node with it may speak for; undefined for all. */
  readonly hostIds?: readonly string[] | undefined;
};

export type EndpointRules = {
  /** CIDRs that an endpoint may lie in, besides the address of its host. */
  readonly allowedNetworks: readonly string[];
  readonly allowAny: boolean;
};

export type Limits = {
  readonly bodyBytes: number;
  readonly audioBytes: number;
  /** Requests that are on their way to services at one time; more get 503. */
  readonly inFlight: number;
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  /** For a request to come in. */
  readonly requestTimeoutMs: number;
  /** Between a signal that ends the program and the end of its listening: who asks whether it is ready sees that it is not. */
  readonly drainDelayMs: number;
  /** For requests to end behind a signal that ends the program. */
  readonly drainTimeoutMs: number;
};
