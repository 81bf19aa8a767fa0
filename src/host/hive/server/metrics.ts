import {
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  Registry as Registered,
} from 'prom-client';
import type { ClusterHealth } from '../../../core/hive/cluster-health.ts';
import type { Observer } from './traffic.ts';

export type Metrics = {
  readonly note: Observer;
  readonly text: () => Promise<string>;
  readonly contentType: string;
};

/** A model answers within a second or within minutes. */
const DURATION_BUCKETS_S = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600];

type Sources = { readonly counts: () => ClusterHealth; readonly inFlight: () => number };

/** What Prometheus reads of this registry. */
export function metricsOf({ counts, inFlight }: Sources): Metrics {
  const register = new Registered();
  collectDefaultMetrics({ register });
  const registers = [register];
  const requests = new Counter({
    name: 'vllmd_hive_requests_total',
    help: 'Requests for a model, by what the client got; 499 is a client that went away',
    labelNames: ['kind', 'service_id', 'status'],
    registers,
  });
  const retries = new Counter({
    name: 'vllmd_hive_retries_total',
    help: 'Times that a request went to another service, or again to the same one',
    labelNames: ['kind'],
    registers,
  });
  const durations = new Histogram({
    name: 'vllmd_hive_request_duration_seconds',
    help: 'From the request to the end of its answer',
    labelNames: ['kind'],
    buckets: DURATION_BUCKETS_S,
    registers,
  });
  addGauges(registers, { counts, inFlight });
  return {
    note: ({ kind, serviceId = '', status, durationMs, tries }) => {
      requests.inc({ kind, service_id: serviceId, status });
      retries.inc({ kind }, tries - 1);
      durations.observe({ kind }, durationMs / 1000);
    },
    text: () => register.metrics(),
    contentType: register.contentType,
  };
}

function addGauges(registers: Registered[], { counts, inFlight }: Sources): void {
  const gauge = (name: string, help: string, value: () => number) =>
    new Gauge({
      name: `vllmd_hive_${name}`,
      help,
      registers,
      collect() {
        this.set(value());
      },
    });
  gauge('in_flight', 'Requests that are on their way to services', inFlight);
  gauge('hosts', 'Hosts that are registered', () => counts().host_count);
  gauge('hosts_online', 'Hosts that are online', () => counts().online_host_count);
  gauge('hosts_stale', 'Hosts that were silent for too long', () => counts().stale_host_count);
  gauge('services', 'Services that are registered', () => counts().service_count);
  gauge('services_healthy', 'Services that are healthy', () => counts().healthy_service_count);
}
