import type { LlamaInstance } from '../../llama/instance.ts';
import { llamaUnit } from '../../resolve/layout.ts';
import type { AssetDocument, JsonMap, Kind } from '../documents.ts';
import { readEndpoint } from '../read/endpoint.ts';
import { assetIdsOf, assetsOf } from './assets-of-instance.ts';
import type { InventoryService } from './inventory.ts';
import { reachOf } from './reach.ts';

/** Where instances run. */
export type InstancePlace =
  | { readonly kind: 'host' }
  | {
      readonly kind: 'guest';
      readonly name: string;
      readonly index: number;
      /** '' where it is not known. */
      readonly address: string;
      /** PCI addresses on the host. */
      readonly gpus: readonly string[];
    };

/** What a host has for clients, and a sentence for each thing that it has and they do not get, or not as they may expect. */
export type Offer = {
  readonly services: readonly InventoryService[];
  readonly assets: readonly AssetDocument[];
  readonly notes: readonly string[];
};

/** The services of llama.cpp instances that run in one place. */
export function servicesOfInstances(
  instances: readonly LlamaInstance[],
  place: InstancePlace,
): Offer {
  const offers = instances.map((instance) => offerOf(instance, place));
  return {
    services: offers.flatMap(({ services }) => services),
    assets: offers.flatMap(({ assets }) => assets),
    notes: offers.flatMap(({ notes }) => notes),
  };
}

function offerOf(instance: LlamaInstance, place: InstancePlace): Offer {
  const name = place.kind === 'guest' ? `${place.name}.${instance.name}` : instance.name;
  const { work } = instance.serves;
  if (work === 'rerank') return leftOut(name, 'it ranks documents, and no kind of service is that');
  const found = serviceOf(instance, place, { name, kind: work });
  if ('why' in found) return leftOut(name, found.why);
  const { service, notes } = found;
  return {
    services: [service],
    assets: assetsOf(instance, work),
    notes: [...notes, ...notesOf(instance)].map((note) => `${name}: ${note}`),
  };
}

function leftOut(name: string, why: string): Offer {
  return { services: [], assets: [], notes: [`${name} is left out: ${why}`] };
}

type Found =
  | { readonly service: InventoryService; readonly notes: readonly string[] }
  | { readonly why: string };

function serviceOf(
  instance: LlamaInstance,
  place: InstancePlace,
  named: { readonly name: string; readonly kind: Kind },
): Found {
  const { endpoint, serves } = instance;
  if (endpoint === undefined) return { why: 'its file names no port' };
  const reach = reachOf(endpoint, place.kind === 'guest' ? place.address : undefined);
  if ('why' in reach) return reach;
  const { address, notes } = reach;
  const { isTls, port, apiPrefix: path } = endpoint;
  const service = {
    ...named,
    scheme: isTls ? ('https' as const) : ('http' as const),
    ...{ address, port, path },
    runtime: runtimeOf(instance, place),
    assets: assetIdsOf(instance).map((asset_id) => ({
      asset_id,
      context_size: serves.contextSize ?? null,
    })),
  };
  return isUsable(service)
    ? { service, notes }
    : { why: 'what its file says of its address makes no URL that a service may have' };
}

/** Any name of a host does in the place of its own. */
function isUsable({ scheme, address, port, path }: InventoryService): boolean {
  const host = address ?? 'localhost';
  const written = host.includes(':') ? `[${host}]` : host;
  return (
    (path === '' || path.startsWith('/')) &&
    readEndpoint(`${scheme}://${written}:${port}${path}`).ok
  );
}

function runtimeOf({ name, control }: LlamaInstance, place: InstancePlace): JsonMap {
  const { gpuIds } = control;
  return {
    ...{ engine: 'llama.cpp', launcher: 'managed' },
    ...(place.kind === 'host'
      ? { unit: llamaUnit(name) }
      : {
          ...{ runtime_name: place.name, runtime_index: place.index },
          gpus: gpuIds === 'none' ? [] : place.gpus,
        }),
    ...(gpuIds === null ? {} : { gpu_ids: gpuIds }),
  };
}

function notesOf({ serves }: LlamaInstance): readonly string[] {
  const { isRouter, source, needsKey } = serves;
  return [
    ...(isRouter ? ['it starts several models, which its file does not name'] : []),
    ...(isRouter || source !== undefined
      ? []
      : ['its model is known by an option alone, and there is no document of it']),
    ...(needsKey ? ['it wants a key, and the registry sends it none'] : []),
  ];
}
