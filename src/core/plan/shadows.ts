import type { Artefact } from '../render/artefact.ts';
import type { Comparison } from './comparison.ts';
import { nameOf } from './drop-ins.ts';
import { absent, type Observed } from './observed.ts';

/** A unit of ours in /etc would hide one that somebody else has installed under its name. */
export function addShadowed(
  artefacts: readonly Artefact[],
  observed: Observed,
  result: Comparison,
): void {
  for (const artefact of artefacts) {
    if (artefact.type !== 'file' || artefact.kind !== 'unit') continue;
    const other = observed.shadowed.get(nameOf(artefact.path));
    if (other === undefined) continue;
    result.conflicts.push({
      kind: 'shadowed',
      path: artefact.path,
      detail: `it would hide ${other}, which is not vllmd's; remove the package or file that it belongs to`,
      actual: observed.entries.get(artefact.path) ?? absent,
      desired: artefact,
      sensitive: artefact.sensitive,
    });
  }
}
