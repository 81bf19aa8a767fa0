import { runtimeUnit } from '../resolve/layout.ts';
import { bootedDigest } from './booted.ts';
import type { ManifestUnit } from './manifest.ts';
import { isActive, isStarting, type Observed } from './observed.ts';

/** What units were started with: what a runtime says itself counts before the record, which knows no `systemctl restart`. */
export function runningDigests(
  units: readonly ManifestUnit[],
  observed: Observed,
): ReadonlyMap<string, string> {
  const digests = new Map(units.map(({ name, startDigest }) => [name, startDigest]));
  for (const [index, texts] of observed.booted) {
    const unit = runtimeUnit(index);
    const state = observed.units.get(unit);
    const digest = bootedDigest(index, texts);
    if (digest !== undefined && (isActive(state) || isStarting(state))) digests.set(unit, digest);
  }
  return digests;
}
