import type { RegisteredService } from '../../../core/hive/catalogue.ts';
import type { HealthSample } from '../../../core/hive/documents.ts';
import type { Change } from '../../../core/hive/registry/change.ts';
import { withAvailability } from '../../../core/hive/registry/service-entry.ts';
import type { Database } from './sqlite.ts';

export type Writer = (change: Change) => void;

/** Of each target that many are kept. */
export const KEPT_HEALTH_SAMPLES = 100;

/** What each change is in SQL. Values are bound, never part of a statement. */
export function writer(database: Database): Writer {
  const put = {
    host: database.prepare<[string, string]>(
      `INSERT INTO hosts (host_id, document) VALUES (?, ?)
       ON CONFLICT (host_id) DO UPDATE SET document = excluded.document`,
    ),
    asset: database.prepare<[string, string]>(
      'REPLACE INTO assets (asset_id, document) VALUES (?, ?)',
    ),
    benchmark: database.prepare<[string, string]>(
      'REPLACE INTO benchmarks (benchmark_id, document) VALUES (?, ?)',
    ),
    availability: database.prepare<[string | null, string]>(
      'UPDATE services SET availability = ? WHERE service_id = ?',
    ),
  };
  const removeHost = database.prepare<[string]>('DELETE FROM hosts WHERE host_id = ?');
  const removeAsset = database.prepare<[string]>('DELETE FROM assets WHERE asset_id = ?');
  const putServices = servicesWriter(database);
  const putHealth = healthWriter(database);
  return (change) => {
    switch (change.kind) {
      case 'put-host':
        put.host.run(change.row.host_id, JSON.stringify(change.row));
        break;
      case 'put-services':
        putServices(change.hostId, change.services);
        break;
      case 'remove-host':
        removeHost.run(change.hostId);
        break;
      case 'put-availability':
        put.availability.run(change.availability ?? null, change.serviceId);
        break;
      case 'put-asset':
        put.asset.run(change.asset.asset_id, JSON.stringify(change.asset));
        break;
      case 'remove-asset':
        removeAsset.run(change.assetId);
        break;
      case 'put-benchmark':
        put.benchmark.run(change.sample.benchmark_id, JSON.stringify(change.sample));
        break;
      case 'put-health':
        putHealth(change.sample);
        break;
      default:
        change satisfies never;
    }
  };
}

type ServicesWriter = (hostId: string, services: readonly RegisteredService[]) => void;

function servicesWriter(database: Database): ServicesWriter {
  const clear = database.prepare<[string]>('DELETE FROM services WHERE host_id = ?');
  const put = database.prepare<[string, string, string, number, string | null]>(
    `INSERT INTO services (service_id, host_id, document, created_at, availability)
     VALUES (?, ?, ?, ?, ?)`,
  );
  return (hostId, services) => {
    clear.run(hostId);
    for (const entry of services) {
      const { row } = withAvailability(entry, undefined);
      const { created_at, availability } = entry;
      put.run(row.service_id, hostId, JSON.stringify(row), created_at, availability ?? null);
    }
  };
}

function healthWriter(database: Database): (sample: HealthSample) => void {
  const put = database.prepare<[string, string, string, number, string]>(
    `REPLACE INTO health_samples (sample_id, target_type, target_id, observed_at, document)
     VALUES (?, ?, ?, ?, ?)`,
  );
  const prune = database.prepare<[string, string, number]>(
    `DELETE FROM health_samples WHERE sample_id IN (
       SELECT sample_id FROM health_samples WHERE target_type = ? AND target_id = ?
       ORDER BY observed_at DESC, sample_id DESC LIMIT -1 OFFSET ?)`,
  );
  return (sample) => {
    const { sample_id, target_type, target_id, observed_at } = sample;
    put.run(sample_id, target_type, target_id, observed_at, JSON.stringify(sample));
    prune.run(target_type, target_id, KEPT_HEALTH_SAMPLES);
  };
}

export type HealthQuery = {
  readonly targetType?: string | undefined;
  readonly targetId?: string | undefined;
  readonly limit: number;
};

export function healthSamples(database: Database): (query: HealthQuery) => readonly HealthSample[] {
  const find = database.prepare<
    { targetType: string | null; targetId: string | null; limit: number },
    { document: string }
  >(
    `SELECT document FROM health_samples
     WHERE (@targetType IS NULL OR target_type = @targetType)
       AND (@targetId IS NULL OR target_id = @targetId)
     ORDER BY observed_at DESC, sample_id LIMIT @limit`,
  );
  return ({ targetType = null, targetId = null, limit }) =>
    find
      .all({ targetType, targetId, limit })
      .map(({ document }) => JSON.parse(document) as HealthSample);
}
