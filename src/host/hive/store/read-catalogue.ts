import type { Catalogue, RegisteredService } from '../../../core/hive/catalogue.ts';
import type {
  AssetDocument,
  Availability,
  BenchmarkSample,
  HealthSample,
  HostRow,
  ServiceRow,
} from '../../../core/hive/documents.ts';
import { seen } from '../../../core/hive/registry/records.ts';
import { withAvailability } from '../../../core/hive/registry/service-entry.ts';
import type { Database } from './sqlite.ts';

/** All that a database has, which this program has written itself. */
export function readCatalogue(database: Database): Omit<Catalogue, 'roles'> {
  return {
    hosts: documents<HostRow>(database, 'SELECT document FROM hosts', (row) => row.host_id),
    services: services(database),
    assets: documents<AssetDocument>(
      database,
      'SELECT document FROM assets',
      (row) => row.asset_id,
    ),
    benchmarks: documents<BenchmarkSample>(
      database,
      'SELECT document FROM benchmarks',
      (row) => row.benchmark_id,
    ),
  };
}

function documents<Row>(
  database: Database,
  sql: string,
  idOf: (row: Row) => string,
): ReadonlyMap<string, Row> {
  const found = database.prepare<[], { document: string }>(sql).all();
  const rows = found.map(({ document }) => JSON.parse(document) as Row);
  return new Map(rows.map((row) => [idOf(row), row]));
}

function services(database: Database): ReadonlyMap<string, RegisteredService> {
  const samples = latestSamples(database);
  const found = database
    .prepare<[], { document: string; created_at: number; availability: Availability | null }>(
      'SELECT document, created_at, availability FROM services',
    )
    .all();
  return new Map(
    found.map(({ document, created_at, availability }) => {
      const row = JSON.parse(document) as ServiceRow;
      const entry = { row, created_at, sample: undefined, ...samples.get(row.service_id) };
      return [row.service_id, withAvailability(entry, availability ?? undefined)];
    }),
  );
}

function latestSamples(database: Database): ReadonlyMap<string, ReturnType<typeof seen>> {
  const found = database
    .prepare<[], { document: string }>(
      `SELECT document FROM health_samples WHERE target_type = 'service' ORDER BY observed_at, sample_id`,
    )
    .all();
  const latest = new Map<string, ReturnType<typeof seen>>();
  for (const { document } of found) {
    const sample = JSON.parse(document) as HealthSample;
    latest.set(sample.target_id, seen(sample, latest.get(sample.target_id)));
  }
  return latest;
}
