import type { RegisteredService } from '../catalogue.ts';
import type { Availability, HostRow } from '../documents.ts';
import { effectiveHealth, freshSample, isStale } from './liveness.ts';
import type { RoutingView } from './view.ts';

/** The one thing against a service that `failOpen` lets pass. */
export const SILENT = 'its host was silent for too long';

const HEALTHY = 'healthy';

/** Why a service gets no work; undefined where it can have some. Silence comes last: with it, nothing else is against it. */
export function misfit(service: RegisteredService, view: RoutingView): string | undefined {
  const { state, host_id } = service.row;
  if (!state.accept_requests) return 'it accepts no requests';
  return (
    blocked(state.availability) ??
    unhealthy(service, view) ??
    hostMisfit(view.catalogue.hosts.get(host_id), view)
  );
}

function blocked(availability: Availability): string | undefined {
  switch (availability) {
    case 'available':
    case 'busy':
      return undefined;
    case 'draining':
      return 'it is being drained';
    case 'paused_by_user':
      return 'its user has paused it';
    case 'offline':
      return 'it is offline';
    case 'quarantined':
      return 'it is in quarantine';
    default:
      return availability satisfies never;
  }
}

function unhealthy(service: RegisteredService, view: RoutingView): string | undefined {
  if (effectiveHealth(service, view) === HEALTHY) return undefined;
  return freshSample(service, view) === undefined
    ? 'its host does not declare it healthy'
    : 'the last health sample did not find it healthy';
}

function hostMisfit(host: HostRow | undefined, view: RoutingView): string | undefined {
  if (host === undefined) return 'its host is not registered';
  if (host.status.state !== 'online') return 'its host is not online';
  return isStale(host, view) ? SILENT : undefined;
}
