import { gpusOfDropIn } from '../kinds/runtime-vm/drop-in.ts';
import { runtimePaths } from '../resolve/layout.ts';
import type { Assignment } from './action.ts';
import type { KnownManifest } from './changes.ts';
import type { Observed } from './observed.ts';

/** A runtime of the last install. */
export type InstalledRuntime = Assignment & {
  /** Its config has said that it must not go. */
  readonly isProtected: boolean;
};

/**
 * The runtimes of the last install, sorted, as the record has them: a VM goes on while its drop-in on the disk is gone or
 * edited. Records of 0.1.0 name no runtimes; there the drop-ins are all that is known.
 */
export function installedRuntimes(
  manifest: KnownManifest,
  entries: Observed['entries'],
): readonly InstalledRuntime[] {
  if (typeof manifest === 'string') return [];
  const recorded = new Map(manifest.runtimes?.map((runtime) => [runtime.index, runtime]));
  const groups = manifest.files.flatMap(({ kind, group }) =>
    kind === 'dropin' && group !== 'shared' ? group : [],
  );
  return [...new Set([...groups, ...recorded.keys()])]
    .sort((a, b) => a - b)
    .map((index) => {
      const { dropIn } = runtimePaths({ configDir: '', stateDir: '' }, index);
      const entry = entries.get(dropIn);
      const text = entry?.type === 'file' ? entry.text : '';
      const known = recorded.get(index);
      return {
        index,
        gpus: known?.gpus ?? gpusOfDropIn(text),
        isProtected: known?.preventRemoval ?? /^X-VllmdPreventRemoval=yes$/m.test(text),
      };
    });
}
