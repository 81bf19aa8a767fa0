import type { Catalogue, RegisteredService } from '../catalogue.ts';
import type { AssetDocument, Availability, BenchmarkSample, HealthSample } from '../documents.ts';
import type { Change } from './change.ts';
import type { Step } from './nodes.ts';
import { withAvailability } from './service-entry.ts';

/** Measurements, each in the place of the one with its id. */
export function putBenchmarks(catalogue: Catalogue, samples: readonly BenchmarkSample[]): Step {
  const benchmarks = new Map(catalogue.benchmarks);
  for (const sample of samples) benchmarks.set(sample.benchmark_id, sample);
  return {
    ok: true,
    catalogue: { ...catalogue, benchmarks },
    changes: samples.map((sample): Change => ({ kind: 'put-benchmark', sample })),
  };
}

export function putAssets(catalogue: Catalogue, documents: readonly AssetDocument[]): Step {
  const assets = new Map(catalogue.assets);
  for (const asset of documents) assets.set(asset.asset_id, asset);
  return {
    ok: true,
    catalogue: { ...catalogue, assets },
    changes: documents.map((asset): Change => ({ kind: 'put-asset', asset })),
  };
}

/** Whether it was there is the caller's to look at. */
export function removeAsset(catalogue: Catalogue, assetId: string): Step {
  const assets = new Map(catalogue.assets);
  assets.delete(assetId);
  return {
    ok: true,
    catalogue: { ...catalogue, assets },
    changes: [{ kind: 'remove-asset', assetId }],
  };
}

/** All are kept for a while; a service has the latest of its own. */
export function putHealth(catalogue: Catalogue, samples: readonly HealthSample[]): Step {
  const services = new Map(catalogue.services);
  for (const sample of samples) {
    const entry = services.get(sample.target_id);
    if (sample.target_type !== 'service' || entry === undefined) continue;
    if (isOlder(sample, entry.sample)) continue;
    services.set(sample.target_id, { ...entry, ...seen(sample, entry) });
  }
  return {
    ok: true,
    catalogue: { ...catalogue, services },
    changes: samples.map((sample): Change => ({ kind: 'put-health', sample })),
  };
}

/** What a service is known by behind its next sample. */
export function seen(sample: HealthSample, before: Seen | undefined): Seen {
  const isSame = before?.sample?.status === sample.status;
  const statusSinceS = isSame ? before?.statusSinceS : undefined;
  return { sample, statusSinceS: statusSinceS ?? sample.observed_at };
}

type Seen = Pick<RegisteredService, 'sample' | 'statusSinceS'>;

function isOlder(sample: HealthSample, known: HealthSample | undefined): boolean {
  return known !== undefined && sample.observed_at < known.observed_at;
}

/** What an operator wants of a service, whatever its host says; undefined leaves it to the host again. */
export function setAvailability(
  catalogue: Catalogue,
  serviceId: string,
  availability: Availability | undefined,
): Step {
  const entry = catalogue.services.get(serviceId);
  if (entry === undefined) return { ok: false, refusal: { kind: 'unknown-service', serviceId } };
  const services = new Map(catalogue.services).set(
    serviceId,
    withAvailability(entry, availability),
  );
  return {
    ok: true,
    catalogue: { ...catalogue, services },
    changes: [{ kind: 'put-availability', serviceId, availability }],
  };
}
