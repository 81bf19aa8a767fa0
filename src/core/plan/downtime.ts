import type { KnownManifest } from './changes.ts';
import type { PlannedAction } from './plan.ts';

/** Says of each runtime that does not run for a while how long its last start took. */
export function withDowntime(
  actions: readonly PlannedAction[],
  manifest: KnownManifest,
): readonly PlannedAction[] {
  const known = new Map(
    (typeof manifest === 'object' ? manifest.units : []).flatMap(({ name, startSeconds }) =>
      startSeconds === undefined ? [] : [[name, startSeconds] as const],
    ),
  );
  const stopped = new Set(actions.filter(({ verb }) => verb === 'stop').map(({ unit }) => unit));
  return actions.map((action) => {
    const isBack =
      action.verb === 'restart' || (action.verb === 'start' && stopped.has(action.unit));
    const seconds = isBack ? known.get(action.unit ?? '') : undefined;
    return seconds === undefined ? action : { ...action, downtimeSeconds: seconds };
  });
}

/** Of all runtimes, which go down one after the other; those that nothing is known of count as nothing. */
export function totalDowntime(actions: readonly PlannedAction[]): number {
  return actions.reduce((sum, { downtimeSeconds = 0 }) => sum + downtimeSeconds, 0);
}
