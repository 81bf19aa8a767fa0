import type { ServiceAsset, ServiceDocument } from '../documents.ts';

/** Which asset of a service answers a request: the one asked for, else the first loaded one, else the first. */
export function targetAsset(service: ServiceDocument, requested: string): ServiceAsset | undefined {
  const { assets } = service;
  return (
    assets.find(({ asset_id: id }) => id === requested) ??
    assets.find(({ loaded }) => loaded) ??
    assets[0]
  );
}

/** The name under which the service itself knows what was asked for. */
export function upstreamModel(service: ServiceDocument, requested: string): string {
  return targetAsset(service, requested)?.asset_id ?? requested;
}
