import type { ServiceRow } from '../documents.ts';
import { hasLoaded } from '../routing/has-loaded.ts';
import { clamp } from './clamp.ts';
import type { ScoreProfile } from './profiles.ts';

/** What something is worth, 0 to 1, and what has made it so. */
export type Score = { readonly score: number; readonly reasons: readonly string[] };

type Part = { readonly points: number; readonly reason: string };

/** How well a service does now, by what its host says. */
export function runtimeScore(service: ServiceRow, { runtime }: ScoreProfile): Score {
  const { p50_latency_ms: p50, tokens_per_sec: speed, queue_depth: queued } = service.observed;
  const parts: readonly (Part | undefined)[] = [
    runtime.busy > 0 && service.state.availability === 'busy'
      ? { points: -runtime.busy, reason: 'service reports busy availability' }
      : undefined,
    hasLoaded(service)
      ? { points: runtime.loaded, reason: 'service already has a loaded asset' }
      : undefined,
    p50 === null ? undefined : runtime.latency.find(({ atMost }) => p50 <= atMost),
    speed === null ? undefined : runtime.throughput.find(({ atLeast }) => speed >= atLeast),
    queuePart(queued ?? 0, runtime.queue),
  ];
  const known = parts.filter((part) => part !== undefined);
  const sum = known.reduce((total, { points }) => total + points, 0);
  return { score: clamp(sum), reasons: known.map(({ reason }) => reason) };
}

function queuePart(
  queued: number,
  { perRequest, most }: ScoreProfile['runtime']['queue'],
): Part | undefined {
  if (queued <= 0) return undefined;
  const reason = 'current queue depth reduces suitability';
  return { points: -Math.min(most, perRequest * queued), reason };
}
