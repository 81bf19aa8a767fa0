import { hostBase } from '../kinds/host-base/host-base.ts';
import type { Kind, RenderContext } from '../kinds/kind.ts';
import { runtimeVm } from '../kinds/runtime-vm/runtime-vm.ts';
import type { Desired } from '../resolve/desired.ts';
import type { Artefact } from './artefact.ts';
import { withParents } from './parents.ts';

const kinds: readonly Kind[] = [hostBase, runtimeVm];

/** Everything that shall lie on the host, sorted by path. The same input gives the same bytes. */
export function render(desired: Desired, context: RenderContext): readonly Artefact[] {
  const artefacts = kinds.flatMap((kind) => kind.artefacts(desired, context));
  return withParents(artefacts, desired.account).toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** What one scope makes of a config, as it was made: unsorted, and without the directories that lead there. */
export function renderScope(
  scope: Kind['scope'],
  desired: Desired,
  context: RenderContext,
): readonly Artefact[] {
  return kinds
    .filter((kind) => kind.scope === scope)
    .flatMap((kind) => kind.artefacts(desired, context));
}
