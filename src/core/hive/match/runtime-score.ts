import type { ServiceRow } from '../documents.ts';
import { hasLoaded } from '../routing/has-loaded.ts';
import { clamp } from './clamp.ts';
import type { ScoreProfile } from './profiles.ts';

type Part = { readonly points: number; readonly reason: string };

/** How well a service does now, by what its host says: 0 to 1. */
export function runtimeScore(service: ServiceRow, profile: ScoreProfile): number {
  let sum = 0;
  for (const part of partsOf(service, profile)) sum += part?.points ?? 0;
  return clamp(sum);
}

/** What has made it so. */
export function runtimeReasons(service: ServiceRow, profile: ScoreProfile): readonly string[] {
  return partsOf(service, profile).flatMap((part) => part?.reason ?? []);
}

function partsOf(service: ServiceRow, { runtime }: ScoreProfile): readonly (Part | undefined)[] {
  const { p50_latency_ms: p50, tokens_per_sec: speed, queue_depth: queued } = service.observed;
  return [
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
}

function queuePart(
  queued: number,
  { perRequest, most }: ScoreProfile['runtime']['queue'],
): Part | undefined {
  if (queued <= 0) return undefined;
  const reason = 'current queue depth reduces suitability';
  return { points: -Math.min(most, perRequest * queued), reason };
}
