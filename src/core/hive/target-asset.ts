import type { ServiceAsset, ServiceRow } from './documents.ts';

/** The asset that a request for a name uses: the one of that name, else the first that is loaded, else the first. */
export function targetAsset({ assets }: ServiceRow, name: string): ServiceAsset | undefined {
  return (
    assets.find(({ asset_id }) => asset_id === name) ??
    assets.find(({ loaded }) => loaded) ??
    assets[0]
  );
}
