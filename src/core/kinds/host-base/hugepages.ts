import { hugepageNeeds } from '../../placement/hugepage-needs.ts';
import type { Artefact } from '../../render/artefact.ts';
import type { Desired } from '../../resolve/desired.ts';
import { ETC_DIR, HUGEPAGES_UNIT } from '../../resolve/layout.ts';
import { type RenderContext, rendered } from '../kind.ts';
import { libexec, unit } from './parts.ts';

/** The reservation of the pages that the VMs' memory is made of. */
export function hugepageFiles(
  desired: Desired,
  { placements }: RenderContext,
): readonly Artefact[] {
  const { hugepageBytes } = desired.memory;
  if (hugepageBytes === 0) return [];
  const needs = hugepageNeeds(desired, placements);
  const view = {
    sizeKib: hugepageBytes / 1024,
    nodes: needs.map(({ node, pages }) => `${node ?? 'any'}=${pages}`).join(' '),
  };
  return [
    rendered(`${ETC_DIR}/hugepages.env`, 'hugepages.env', view, {
      kind: 'env',
      group: 'shared',
      source: '/memory',
    }),
    libexec('hugepages'),
    unit(HUGEPAGES_UNIT, {}),
  ];
}
