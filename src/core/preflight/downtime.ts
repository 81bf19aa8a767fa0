import type { Diagnostic } from '../diagnostic.ts';
import { formatDuration } from '../duration.ts';
import { totalDowntime } from '../plan/downtime.ts';
import type { PlannedAction } from '../plan/plan.ts';
import { ofHost } from './check.ts';

/** What --max-downtime asks for, as far as it is known from the last starts. */
export function withinDowntime(
  actions: readonly PlannedAction[],
  maxMs: number | undefined,
): readonly Diagnostic[] {
  const totalMs = totalDowntime(actions) * 1000;
  if (maxMs === undefined || totalMs <= maxMs) return [];
  return [
    ofHost(
      'max-downtime',
      `runtimes would be down for about ${formatDuration(totalMs)} in all, and --max-downtime is ${formatDuration(maxMs)}`,
      'change some of them at a time with --only, or restart them later with --no-restart',
    ),
  ];
}
