import type { RoutingOptions } from '../catalogue.ts';

/** What `control.yaml` says, with all its defaults. */
export type Control = {
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** For how long it still takes requests when it is told to end, while it says that it is not ready. */
    readonly drainDelayS: number;
  };
  readonly auth: {
    readonly clientKeys: readonly ApiKey[];
    readonly nodeKeys: readonly NodeKey[];
    readonly benchmarkKeys: readonly ApiKey[];
    /** Empty lists are meant: everyone who reaches the address may do everything. */
    readonly allowOpen: boolean;
  };
  /** Undefined stands for a file beside this one. */
  readonly storage: { readonly sqlitePath: string | undefined };
  readonly routing: RoutingOptions & {
    /** How many other services a request is given to before its first answer. */
    readonly retries: number;
    /** Networks that an endpoint may lie in besides the address of its host. */
    readonly allowNetworks: readonly string[];
    readonly allowAnyEndpoint: boolean;
  };
  readonly limits: {
    readonly bodyBytes: number;
    readonly audioBytes: number;
    readonly connectTimeoutS: number;
    readonly readTimeoutS: number;
    readonly drainTimeoutS: number;
  };
  readonly auditLog: string | undefined;
  readonly rolesPath: string | undefined;
};

/** A key is known by its digest alone. */
export type ApiKey = {
  /** 64 hexadecimal digits in lower case. */
  readonly sha256: string;
};

export type NodeKey = ApiKey & {
  /** What a host calls it. */
  readonly keyId: string | undefined;
  /** The hosts that it may speak for; undefined for all. */
  readonly hostIds: readonly string[] | undefined;
};
