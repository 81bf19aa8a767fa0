import type { ServiceRow } from '../documents.ts';

/** Whether any asset of a service is loaded. */
export function hasLoaded({ assets }: ServiceRow): boolean {
  return assets.some(({ loaded }) => loaded);
}
