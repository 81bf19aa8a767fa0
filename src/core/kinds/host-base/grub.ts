import { hugepageNeeds } from '../../placement/hugepage-needs.ts';
import type { Artefact } from '../../render/artefact.ts';
import type { Desired } from '../../resolve/desired.ts';
import { GRUB_CONFIG } from '../../resolve/layout.ts';
import { type RenderContext, rendered } from '../kind.ts';

const GIGANTIC = 2 ** 30;

/** What the kernel's command line needs, where the config asks for a file of GRUB's. */
export function grubFile(desired: Desired, { placements }: RenderContext): readonly Artefact[] {
  if (desired.kernelCommandLine !== 'grub') return [];
  const parameters = kernelParameters(desired, placements).join(' ');
  if (parameters === '') return [];
  return [
    rendered(
      GRUB_CONFIG,
      'grub.cfg',
      { parameters },
      {
        kind: 'host',
        group: 'shared',
        source: '/host/kernel_cmdline',
      },
    ),
  ];
}

/** Each is harmless where it is not needed: `intel_iommu` on AMD, whose IOMMU is on by itself. */
export function kernelParameters(
  desired: Desired,
  placements: RenderContext['placements'],
): readonly string[] {
  const wantsGpus = desired.runtimes.some(({ gpus }) => gpus.length > 0);
  const iommu = wantsGpus ? ['intel_iommu=on', 'iommu=pt'] : [];
  // Pages of 1 GiB can hardly be had later.
  if (desired.memory.hugepageBytes !== GIGANTIC) return iommu;
  return [...iommu, 'hugepagesz=1G', `hugepages=${pagesByNode(desired, placements)}`];
}

/** `0:32,1:64`, or a number alone where no node is asked for. What may lie anywhere goes to the first node. */
function pagesByNode(desired: Desired, placements: RenderContext['placements']): string {
  const needs = hugepageNeeds(desired, placements);
  const anywhere = needs.find(({ node }) => node === undefined)?.pages ?? 0;
  const counts = needs
    .filter(({ node }) => node !== undefined)
    .map(({ node, pages }, at) => `${node}:${pages + (at === 0 ? anywhere : 0)}`);
  return counts.length === 0 ? String(anywhere) : counts.join(',');
}
