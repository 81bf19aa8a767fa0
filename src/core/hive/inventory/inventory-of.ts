import type { LlamaInstance } from '../../llama/instance.ts';
import type { DesiredRuntime } from '../../resolve/desired.ts';
import type { AssetDocument, JsonMap } from '../documents.ts';
import type { Inventory, InventoryService } from './inventory.ts';
import { type Offer, servicesOfInstances } from './services-of-instances.ts';

/** What a host config and llama.cpp files say of one host. */
export type HostParts = {
  readonly runtimes: readonly InventoryRuntime[];
  /** Guests are behind the host, which alone has a way to them. */
  readonly isNat: boolean;
  /** What runs in guests, by the path of its file as the config has it; a file that is not known is not there. */
  readonly llama: ReadonlyMap<string, readonly LlamaInstance[]>;
  /** What runs beside the guests. */
  readonly instances: readonly LlamaInstance[];
};

export type InventoryRuntime = Pick<
  DesiredRuntime,
  'index' | 'name' | 'gpus' | 'address' | 'llamaConfig'
>;

/** An inventory, and what of the host is not in it as its operator may expect, a sentence each. */
export type ToldInventory = { readonly inventory: Inventory; readonly notes: readonly string[] };

/** What a host has to serve. How it is called and reached is not in its config. */
export function inventoryOf(parts: HostParts): ToldInventory {
  const runtimes = parts.runtimes.toSorted((a, b) => a.index - b.index);
  const offers = [
    servicesOfInstances(parts.instances, { kind: 'host' }),
    ...runtimes.map((runtime) => offerOf(runtime, parts)),
  ];
  const services = firstOfEach(
    offers.flatMap((offer) => offer.services),
    serviceKey,
  );
  const assets = firstOfEach(
    offers.flatMap((offer) => offer.assets),
    assetKey,
  );
  const host = {
    ...{ host_id: null, address: null, display_name: null, labels: {}, capabilities: {} },
    resources: resourcesOf(runtimes),
  };
  return {
    inventory: { host, services: services.kept, assets: assets.kept },
    notes: [
      ...offers.flatMap((offer) => offer.notes),
      ...services.dropped.map(({ name }) => `${name} is left out: another service is called so`),
      ...assets.dropped.filter(isOther(assets.kept)).map(toldAsset),
      ...natNotes(services.kept, parts),
    ],
  };
}

function offerOf(runtime: InventoryRuntime, { llama }: HostParts): Offer {
  const { name, index, address, gpus, llamaConfig } = runtime;
  const instances = llama.get(llamaConfig);
  if (instances !== undefined) {
    return servicesOfInstances(instances, { kind: 'guest', name, index, address, gpus });
  }
  const note = `${name}: what runs in it is not known, since ${llamaConfig} cannot be read`;
  return { services: [], assets: [], notes: llamaConfig === '' ? [] : [note] };
}

function resourcesOf(runtimes: readonly InventoryRuntime[]): JsonMap {
  const gpus = runtimes.flatMap((runtime) => runtime.gpus);
  return gpus.length === 0 ? {} : { gpus: gpus.toSorted().map((gpu_id) => ({ gpu_id })) };
}

/** The names of runtimes and instances may have dots themselves. */
function serviceKey({ kind, name }: InventoryService): string {
  return `${kind}/${name}`;
}

function assetKey({ asset_id }: AssetDocument): string {
  return asset_id;
}

function firstOfEach<Value>(values: readonly Value[], keyOf: (value: Value) => string) {
  const first = new Map<string, Value>();
  for (const value of values) if (!first.has(keyOf(value))) first.set(keyOf(value), value);
  const kept = [...first.values()];
  return { kept, dropped: values.filter((value) => first.get(keyOf(value)) !== value) };
}

/** One model that several services have is no contradiction. */
function isOther(kept: readonly AssetDocument[]): (asset: AssetDocument) => boolean {
  const told = new Set(kept.map((asset) => JSON.stringify(asset)));
  return (asset) => !told.has(JSON.stringify(asset));
}

function toldAsset({ asset_id, locator }: AssetDocument): string {
  return `${asset_id} is two models: clients see one of them, and ${locator.value} is not told of`;
}

function natNotes(services: readonly InventoryService[], { isNat }: HostParts): readonly string[] {
  const isBehind = services.some(({ runtime }) => Object.hasOwn(runtime, 'runtime_index'));
  if (!isNat || !isBehind) return [];
  return ['guests are behind the NAT of this host: only a registry on this host reaches them'];
}
