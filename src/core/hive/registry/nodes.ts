import type { Catalogue, RegisteredService } from '../catalogue.ts';
import type { Heartbeat, HostDocument, HostRow, ServiceDocument } from '../documents.ts';
import type { Change } from './change.ts';
import type { Refusal } from './refusal.ts';
import { serviceEntry } from './service-entry.ts';

export type Step =
  | { readonly ok: true; readonly catalogue: Catalogue; readonly changes: readonly Change[] }
  | { readonly ok: false; readonly refusal: Refusal };

/** A host with all its services, in the place of what was registered of it. */
export function register(catalogue: Catalogue, host: HostDocument, nowS: number): Step {
  const known = catalogue.hosts.get(host.host_id);
  const { services, ...document } = host;
  const row: HostRow = {
    ...document,
    status: { state: 'online', last_seen: nowS },
    // Only a heartbeat measures.
    metrics: known?.metrics ?? host.metrics,
  };
  return withHost(catalogue, row, services, nowS);
}

/** What a host says of itself every few seconds. */
export function heartbeat(catalogue: Catalogue, beat: Heartbeat, nowS: number): Step {
  const known = catalogue.hosts.get(beat.host_id);
  if (known === undefined) {
    return { ok: false, refusal: { kind: 'unknown-host', hostId: beat.host_id } };
  }
  const status = { state: beat.status.state, last_seen: nowS };
  return withHost(catalogue, { ...known, status, metrics: beat.metrics }, beat.services, nowS);
}

/** A host that is gone for good, and its services. */
export function removeHost(catalogue: Catalogue, hostId: string): Step {
  if (!catalogue.hosts.has(hostId)) return { ok: false, refusal: { kind: 'unknown-host', hostId } };
  const hosts = new Map(catalogue.hosts);
  hosts.delete(hostId);
  const services = withoutHost(catalogue, hostId);
  return {
    ok: true,
    catalogue: { ...catalogue, hosts, services },
    changes: [{ kind: 'remove-host', hostId }],
  };
}

function withHost(
  catalogue: Catalogue,
  row: HostRow,
  declared: readonly ServiceDocument[] | undefined,
  nowS: number,
): Step {
  const hosts = new Map(catalogue.hosts).set(row.host_id, row);
  const put: Change = { kind: 'put-host', row };
  if (declared === undefined)
    return { ok: true, catalogue: { ...catalogue, hosts }, changes: [put] };
  const foreign = declared.find(({ service_id }) =>
    isOfAnother(catalogue, service_id, row.host_id),
  );
  if (foreign !== undefined) return conflict(catalogue, foreign.service_id);
  const entries = declared.map((service) =>
    serviceEntry(service, row.host_id, catalogue.services.get(service.service_id), nowS),
  );
  const services = withoutHost(catalogue, row.host_id);
  for (const entry of entries) services.set(entry.row.service_id, entry);
  const putServices: Change = { kind: 'put-services', hostId: row.host_id, services: entries };
  return { ok: true, catalogue: { ...catalogue, hosts, services }, changes: [put, putServices] };
}

function isOfAnother({ services }: Catalogue, serviceId: string, hostId: string): boolean {
  const known = services.get(serviceId);
  return known !== undefined && known.row.host_id !== hostId;
}

function conflict({ services }: Catalogue, serviceId: string): Step {
  const hostId = services.get(serviceId)?.row.host_id ?? '';
  return { ok: false, refusal: { kind: 'service-conflict', serviceId, hostId } };
}

function withoutHost({ services }: Catalogue, hostId: string): Map<string, RegisteredService> {
  return new Map([...services].filter(([, { row }]) => row.host_id !== hostId));
}
