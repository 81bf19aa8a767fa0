import type { RegisteredService } from '../catalogue.ts';
import type { HostRow } from '../documents.ts';
import type { RoutingView } from './view.ts';

type Clock = Pick<RoutingView, 'nowS' | 'options'>;

/** Whether a host was silent for longer than is allowed. */
export function isStale(host: HostRow, { nowS, options }: Clock): boolean {
  return nowS - host.status.last_seen > options.healthStaleAfterS;
}

/** What was seen of a service lately; without such a sample, what its host says of it. */
export function effectiveHealth(service: RegisteredService, clock: Clock): string | null {
  return freshSample(service, clock)?.status ?? service.row.state.health;
}

/** The sample of a service that is still to be believed. */
export function freshSample(
  { sample }: RegisteredService,
  { nowS, options }: Clock,
): RegisteredService['sample'] {
  if (sample === undefined) return undefined;
  return nowS - sample.observed_at > options.healthStaleAfterS ? undefined : sample;
}
