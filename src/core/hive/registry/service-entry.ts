import type { RegisteredService } from '../catalogue.ts';
import type { Availability, ServiceDocument } from '../documents.ts';

/** A service that a host declares, with what is known of it from before. */
export function serviceEntry(
  declared: ServiceDocument,
  hostId: string,
  known: RegisteredService | undefined,
  nowS: number,
): RegisteredService {
  const row = { ...declared, host_id: hostId, updated_at: nowS };
  const { created_at = nowS, sample, statusSinceS } = known ?? {};
  const entry = { row, created_at, sample, statusSinceS };
  return withAvailability(entry, known?.availability);
}

/** The same service as an operator wants it; undefined gives it back to its host. */
export function withAvailability(
  entry: RegisteredService,
  availability: Availability | undefined,
): RegisteredService {
  const { row, created_at, sample, statusSinceS } = entry;
  const declared = entry.declaredAvailability ?? row.state.availability;
  const state = { ...row.state, availability: availability ?? declared };
  const own = { row: { ...row, state }, created_at, sample, statusSinceS };
  if (availability === undefined) return own;
  return { ...own, availability, declaredAvailability: declared };
}
