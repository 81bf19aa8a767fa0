import type { HostDocument, JsonMap, ServiceDocument } from '../documents.ts';
import type { Inventory, InventoryHost, InventoryService } from './inventory.ts';

/** How a host is called and reached where its inventory does not say it. */
export type HostName = {
  readonly hostId: string;
  /** A name or an IP address, without a port. */
  readonly address: string;
};

/** An inventory as the registry takes it. Nobody has asked a service yet how it is, so its health is unknown. */
export function hostDocumentOf({ host, services }: Inventory, name: HostName): HostDocument {
  const hostId = host.host_id ?? name.hostId;
  const address = host.address ?? name.address;
  return {
    host_id: hostId,
    ...partsOf(host),
    address,
    auth: { node_key_id: null },
    status: { state: 'online' },
    metrics: {},
    services: services.map((service) => serviceDocumentOf(service, { hostId, address })),
  };
}

function partsOf({ display_name, labels, capabilities, resources }: InventoryHost) {
  return { display_name, labels, capabilities, resources };
}

function serviceDocumentOf(service: InventoryService, host: HostName): ServiceDocument {
  const { name, kind, assets } = service;
  return {
    service_id: `${host.hostId}/${kind}/${name}`,
    host_id: host.hostId,
    kind,
    protocol: 'openai',
    endpoint: endpointOf(service, host),
    runtime: { ...service.runtime, ...runtimeOf(service.runtime) },
    assets: assets.map(({ asset_id, context_size }) => ({
      asset_id,
      loaded: false,
      request_policy: { body_defaults: {}, system_prompt: null, system_prompt_position: 'prepend' },
      context_size,
      max_context_tokens: null,
    })),
    state: { health: null, load_state: null, accept_requests: true, availability: 'available' },
    observed: {
      p50_latency_ms: null,
      p95_latency_ms: null,
      tokens_per_sec: null,
      queue_depth: null,
      in_flight: null,
      max_context_tokens: null,
    },
  };
}

function runtimeOf(runtime: JsonMap): ServiceDocument['runtime'] {
  const { engine, launcher } = runtime;
  return {
    engine: typeof engine === 'string' ? engine : null,
    launcher: typeof launcher === 'string' ? launcher : null,
  };
}

function endpointOf({ scheme, address, port, path }: InventoryService, host: HostName): string {
  const name = address ?? host.address;
  return `${scheme}://${name.includes(':') ? `[${name}]` : name}:${port}${path}`;
}
