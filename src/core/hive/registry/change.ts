import type { RegisteredService } from '../catalogue.ts';
import type {
  AssetDocument,
  Availability,
  BenchmarkSample,
  HealthSample,
  HostRow,
} from '../documents.ts';

/** What the store is told to keep, so that it knows what the catalogue knows. */
export type Change =
  | { readonly kind: 'put-host'; readonly row: HostRow }
  /** Of a host, all of them, in their order. */
  | {
      readonly kind: 'put-services';
      readonly hostId: string;
      readonly services: readonly RegisteredService[];
    }
  | { readonly kind: 'remove-host'; readonly hostId: string }
  | {
      readonly kind: 'put-availability';
      readonly serviceId: string;
      readonly availability: Availability | undefined;
    }
  | { readonly kind: 'put-asset'; readonly asset: AssetDocument }
  | { readonly kind: 'remove-asset'; readonly assetId: string }
  | { readonly kind: 'put-benchmark'; readonly sample: BenchmarkSample }
  | { readonly kind: 'put-health'; readonly sample: HealthSample };
