import type { AssetDocument, JsonMap, Kind } from '../documents.ts';

// What a host has to serve, by the names that it has in a file. What is null is known on the host alone, when its agent
// runs: how the host is called, and how others reach it.

export type Inventory = {
  readonly host: InventoryHost;
  readonly services: readonly InventoryService[];
  readonly assets: readonly AssetDocument[];
};

export type InventoryHost = {
  readonly host_id: string | null;
  /** A name or an IP address, without a port. */
  readonly address: string | null;
  readonly display_name: string | null;
  readonly labels: Readonly<Record<string, string>>;
  readonly capabilities: JsonMap;
  readonly resources: JsonMap;
};

export type InventoryService = {
  /** Unlike those of all services of its kind on this host. */
  readonly name: string;
  readonly kind: Kind;
  readonly scheme: 'http' | 'https';
  /** A guest's own, or 127.0.0.1 where it listens there alone; null is the host's. */
  readonly address: string | null;
  readonly port: number;
  /** In front of every path of its API, with a slash at its beginning and none at its end; '' is none. */
  readonly path: string;
  readonly runtime: JsonMap;
  readonly assets: readonly InventoryAsset[];
};

type InventoryAsset = {
  readonly asset_id: string;
  /** Tokens of one request. */
  readonly context_size: number | null;
};
