import type { FastifyInstance } from 'fastify';
import { compareCodePoints } from '../../../../core/hive/compare-code-points.ts';
import {
  type Availability,
  availabilities,
  type BenchmarkSample,
} from '../../../../core/hive/documents.ts';
import {
  putAssets,
  putBenchmarks,
  putHealth,
  removeAsset,
  setAvailability,
} from '../../../../core/hive/registry/records.ts';
import { mustSpeakFor } from '../access.ts';
import type { Hive } from '../hive.ts';
import { HttpProblem, unprocessable } from '../http-problem.ts';
import { queryValue } from '../query-value.ts';
import { readBody, readList } from '../read-body.ts';
import { listOf } from './cluster-routes.ts';
import { mustPass } from './node-routes.ts';

/** Measurements, samples of health, assets, and what operators want of services. */
export function recordRoutes(app: FastifyInstance, hive: Hive): void {
  benchmarkRoutes(app, hive);
  assetRoutes(app, hive);
  healthRoutes(app, hive);
  healthRemoval(app, hive);
  availabilityRoutes(app, hive);
}

function benchmarkRoutes(app: FastifyInstance, { registry, access }: Hive): void {
  const path = '/v1/cluster/benchmarks';
  const samples = () => [...registry.catalogue().benchmarks.values()].toSorted(latestFirst);

  app.get(path, access.guard('client'), ({ query }) => {
    const service = queryValue(query, 'service_id') ?? '';
    const workload = queryValue(query, 'workload') ?? '';
    const data = samples()
      .filter(({ service_id }) => service === '' || service_id === service)
      .filter((sample) => workload === '' || sample.workload === workload);
    return { object: 'list', data };
  });

  app.post(path, access.guard('benchmarks'), (request) => {
    const { samples: posted } = readBody('benchmark_ingest_request', request.body);
    mustPass(registry.change((catalogue) => putBenchmarks(catalogue, posted)));
    return { status: 'ok', count: posted.length, data: samples() };
  });
}

function latestFirst(a: BenchmarkSample, b: BenchmarkSample): number {
  return b.observed_at - a.observed_at || compareCodePoints(a.benchmark_id, b.benchmark_id);
}

function assetRoutes(app: FastifyInstance, { registry, access }: Hive): void {
  app.get('/v1/cluster/assets', access.guard('client'), ({ query }) => {
    const wanted = queryValue(query, 'asset_id') ?? '';
    const all = [...registry.catalogue().assets.values()];
    const assets = all.filter(({ asset_id }) => wanted === '' || asset_id === wanted);
    return listOf(assets, (asset) => [asset.asset_id]);
  });

  app.post('/v1/cluster/assets', access.guard('node'), (request) => {
    const assets = readList('asset', 'assets', request.body);
    mustPass(registry.change((catalogue) => putAssets(catalogue, assets)));
    return { status: 'ok', count: assets.length };
  });

  app.delete('/v1/cluster/assets', access.guard('node'), ({ query }) => {
    const asset_id = queryValue(query, 'asset_id') ?? '';
    if (!registry.catalogue().assets.has(asset_id)) {
      throw new HttpProblem(404, { error: 'unknown_asset', asset_id });
    }
    mustPass(registry.change((catalogue) => removeAsset(catalogue, asset_id)));
    return { status: 'ok', asset_id };
  });
}

const MOST_SAMPLES = 1000;

function healthRoutes(app: FastifyInstance, { registry, access }: Hive): void {
  const path = '/v1/cluster/health/samples';

  app.get(path, access.guard('client'), ({ query }) => ({
    object: 'list',
    data: registry.store.health({
      targetType: queryValue(query, 'target_type'),
      targetId: queryValue(query, 'target_id'),
      limit: MOST_SAMPLES,
    }),
  }));

  app.post(path, access.guard('node'), (request) => {
    const samples = readList('health_sample', 'samples', request.body);
    for (const { target_type, target_id } of samples) {
      const service = registry.catalogue().services.get(target_id);
      const hostId = target_type === 'host' ? target_id : service?.row.host_id;
      if (hostId !== undefined) mustSpeakFor(request.hiveKey, hostId);
    }
    // A clock that runs ahead would make its sample the latest one for hours.
    const nowS = registry.nowS();
    const seen = samples.map((one) => ({ ...one, observed_at: Math.min(one.observed_at, nowS) }));
    mustPass(registry.change((catalogue) => putHealth(catalogue, seen)));
    return { status: 'ok', count: seen.length };
  });
}

function healthRemoval(app: FastifyInstance, { registry, access }: Hive): void {
  app.delete('/v1/cluster/health/samples', access.guard('node'), ({ query }) => {
    const sample_id = queryValue(query, 'sample_id') ?? '';
    if (registry.store.removeHealth(sample_id)) return { status: 'ok', sample_id };
    throw new HttpProblem(404, { error: 'unknown_sample', sample_id });
  });
}

function availabilityRoutes(app: FastifyInstance, { registry, access }: Hive): void {
  app.post('/v1/cluster/services/availability', access.guard('node'), (request) => {
    const { service_id, availability } = wantedAvailability(request.body);
    const hostId = registry.catalogue().services.get(service_id)?.row.host_id;
    if (hostId !== undefined) mustSpeakFor(request.hiveKey, hostId);
    mustPass(registry.change((catalogue) => setAvailability(catalogue, service_id, availability)));
    return { status: 'ok', service: registry.catalogue().services.get(service_id)?.row };
  });
}

type Wanted = { readonly service_id: string; readonly availability: Availability | undefined };

function wantedAvailability(body: unknown): Wanted {
  const given = new Map<string, unknown>(
    typeof body === 'object' && body !== null ? Object.entries(body) : [],
  );
  const service_id = given.get('service_id');
  const wanted = given.get('availability') ?? undefined;
  const availability = availabilities.find((one) => one === wanted);
  if (typeof service_id !== 'string') {
    throw unprocessable([
      {
        type: 'string_type',
        loc: ['body', 'service_id'],
        msg: 'Input should be a valid string',
        input: service_id ?? null,
      },
    ]);
  }
  if (wanted !== undefined && availability === undefined) {
    const msg = `Input should be ${availabilities.map((one) => `'${one}'`).join(', ')} or null`;
    throw unprocessable([
      { type: 'literal_error', loc: ['body', 'availability'], msg, input: wanted },
    ]);
  }
  return { service_id, availability };
}
