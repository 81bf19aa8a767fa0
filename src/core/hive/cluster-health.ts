import { effectiveHealth, isStale } from './routing/liveness.ts';
import type { RoutingView } from './routing/view.ts';

/** How many there are, as it is answered. */
export type ClusterHealth = {
  readonly status: 'ok';
  readonly host_count: number;
  readonly online_host_count: number;
  readonly stale_host_count: number;
  readonly service_count: number;
  readonly healthy_service_count: number;
};

/** Counts of hosts and services. A host that is neither silent nor online counts as neither, and silence of hosts does not make services ill. */
export function clusterHealth(
  view: Pick<RoutingView, 'catalogue' | 'nowS' | 'options'>,
): ClusterHealth {
  const hosts = [...view.catalogue.hosts.values()];
  const live = hosts.filter((host) => !isStale(host, view));
  const services = [...view.catalogue.services.values()];
  const healthy = services.filter((service) => effectiveHealth(service, view) === 'healthy');
  return {
    status: 'ok',
    host_count: hosts.length,
    online_host_count: live.filter(({ status }) => status.state === 'online').length,
    stale_host_count: hosts.length - live.length,
    service_count: services.length,
    healthy_service_count: healthy.length,
  };
}
