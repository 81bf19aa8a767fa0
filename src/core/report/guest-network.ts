import { environmentOf } from '../facts/environment.ts';
import type { Manifest } from '../plan/manifest.ts';
import type { Observed } from '../plan/observed.ts';
import { NETWORK_ENV } from '../resolve/layout.ts';

/** How guests reach others, as the last install has it; null where it does not say. */
export type NetworkStatus = {
  readonly mode: string | null;
  readonly bridge: string | null;
};

/** An install without a network writes no file for it; 0.1.0 knew no mode but `nat`. */
export function networkOf(manifest: Manifest, { entries }: Observed): NetworkStatus {
  const isWritten = manifest.files.some(({ path }) => path === NETWORK_ENV);
  if (!isWritten) return { mode: manifest.files.length === 0 ? null : 'none', bridge: null };
  const entry = entries.get(NETWORK_ENV);
  const values = environmentOf(entry?.type === 'file' ? entry.text : '');
  if (values.size === 0) return { mode: null, bridge: null };
  return {
    mode: values.get('VLLMD_NETWORK_MODE') ?? 'nat',
    bridge: values.get('VLLMD_NETWORK_BRIDGE') || null,
  };
}
