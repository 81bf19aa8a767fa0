import { type PageView, pageViewOf, type RoleTarget } from '../../../core/hive/page/page-view.ts';
import { misfit } from '../../../core/hive/routing/eligible.ts';
import { effectiveHealth, freshSample } from '../../../core/hive/routing/liveness.ts';
import { resolve } from '../../../core/hive/routing/resolve.ts';
import type { RoutingView } from '../../../core/hive/routing/view.ts';
import type { Hive } from './hive.ts';
import { viewOf } from './view-of.ts';

/** What the page shows at this moment. */
export function pageState(hive: Hive): PageView {
  const view = viewOf(hive);
  const counts = hive.traffic.counts();
  return pageViewOf(view.catalogue, {
    nowS: view.nowS,
    startedAtS: hive.startedAtMs / 1000,
    version: hive.options.version,
    healthStaleAfterS: view.options.healthStaleAfterS,
    healthOf: (service) => {
      const isSeen = freshSample(service, view) !== undefined;
      return {
        health: effectiveHealth(service, view),
        source: isSeen ? 'observed' : 'declared',
        // Nobody says since when a host has declared something.
        sinceS: isSeen ? service.statusSinceS : undefined,
      };
    },
    obstacleOf: (service) => misfit(service, view),
    targetOf: (role) => targetOf(role.role_id, view),
    countsOf: (serviceId) => {
      const { requests = 0, errors = 0 } = counts.get(serviceId) ?? {};
      return { routed: requests, errors };
    },
    recent: hive.traffic.latest().map((handled) => ({
      atS: handled.atMs / 1000,
      requested: handled.model,
      serviceId: handled.serviceId,
      status: handled.status,
      milliseconds: Math.round(handled.durationMs),
      isRetried: handled.tries > 1,
    })),
  });
}

function targetOf(roleId: string, view: RoutingView): RoleTarget {
  const resolution = resolve(view, roleId);
  const serviceId = resolution?.service?.row.service_id;
  if (resolution === undefined || serviceId === undefined) {
    return { reason: resolution?.reasons[0] ?? 'nothing can serve it now' };
  }
  const fallbackVia = resolution.kind === 'role' ? resolution.fallbackVia : undefined;
  return { serviceId, fallbackVia };
}
