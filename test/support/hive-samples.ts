import type { Catalogue, RegisteredService } from '../../src/core/hive/catalogue.ts';
import type {
  AssetDocument,
  BenchmarkSample,
  HealthSample,
  HostDocument,
  ServiceDocument,
} from '../../src/core/hive/documents.ts';
import { readDocument } from '../../src/core/hive/read/read-document.ts';

/** A document with all defaults, out of what a test says of it. */
export function serviceDocument(given: Readonly<Record<string, unknown>>): ServiceDocument {
  const bare = { kind: 'chat', endpoint: 'http://10.0.0.1:8080', host_id: 'h1', ...given };
  const read = readDocument('service', bare);
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

export function hostDocument(given: Readonly<Record<string, unknown>>): HostDocument {
  const read = readDocument('host', { address: '10.0.0.1', ...given });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.value;
}

export function healthSample(given: Partial<HealthSample>): HealthSample {
  return {
    ...{ sample_id: 'hs', target_type: 'service', target_id: 'h1/chat/a', observed_at: 100 },
    ...{ status: 'healthy', checks: {}, metrics: {} },
    ...given,
  };
}

export function benchmarkSample(given: Partial<BenchmarkSample>): BenchmarkSample {
  return {
    ...{ benchmark_id: 'b', service_id: 'h1/chat/a', asset_id: null, workload: 'chat.x' },
    ...{ observed_at: 100, results: {} },
    ...given,
  };
}

export function assetDocument(given: Partial<AssetDocument>): AssetDocument {
  return {
    ...{ asset_id: 'm', family: null, modality: 'text', operation: 'chat', format: null },
    ...{ locator: { kind: 'path', value: '/m.gguf' }, metadata: {} },
    ...given,
  };
}

export function serviceOf(catalogue: Catalogue, id: string): RegisteredService {
  const service = catalogue.services.get(id);
  if (service === undefined) throw new Error(`there is no service ${id}`);
  return service;
}
