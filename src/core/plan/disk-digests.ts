import { type Artefact, ROOT } from '../render/artefact.ts';
import type { Layer } from '../resolve/layer.ts';
import { startDigests } from './digest.ts';
import type { Manifest } from './manifest.ts';
import type { Observed } from './observed.ts';

/** What units would be started with now, by unit: from the files as they lie on the disk. */
export function diskDigests(
  manifest: Manifest,
  observed: Observed,
  layer?: Layer,
): ReadonlyMap<string, string> {
  const artefacts = manifest.files.map(({ path, kind, group, secret }): Artefact => {
    const entry = observed.entries.get(path);
    const text = entry?.type === 'file' ? entry.text : '';
    const common = { source: '', mode: 0, owner: ROOT, sensitive: secret } as const;
    return { type: 'file', path, kind, group, text, ...common };
  });
  const digests = startDigests(artefacts, observed.dropIns, layer);
  return new Map(digests.map(({ unit, digest }) => [unit, digest]));
}
