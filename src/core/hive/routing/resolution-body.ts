import type { RoleRow, ServiceRow } from '../documents.ts';
import type { Exclusion } from './pool.ts';
import type { Resolution } from './resolve.ts';

/** A resolution as it is answered. */
export type ResolutionBody = {
  readonly match_type: 'direct' | 'role';
  readonly role?: RoleRow;
  readonly service: ServiceRow | null;
  readonly fallback_via?: string;
  readonly degraded?: true;
  readonly reasons: readonly string[];
  readonly excluded: readonly Exclusion[];
};

/** What is answered of a resolution; a key is left out where it says nothing. */
export function resolutionBody(resolution: Resolution): ResolutionBody {
  const { kind, service, degraded, reasons, excluded } = resolution;
  const fallbackVia = kind === 'role' ? resolution.fallbackVia : undefined;
  return {
    match_type: kind,
    ...(kind === 'role' ? { role: resolution.role } : {}),
    service: service?.row ?? null,
    ...(fallbackVia === undefined ? {} : { fallback_via: fallbackVia }),
    ...(degraded ? { degraded: true } : {}),
    reasons,
    excluded,
  };
}
