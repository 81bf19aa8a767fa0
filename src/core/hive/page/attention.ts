import type { HostView, Level, RoleView, ServiceView } from './page-view.ts';

/** One thing that the reader should look at. */
export type Attention = {
  readonly level: Level;
  readonly what: 'host' | 'service' | 'role';
  readonly id: string;
  readonly text: string;
  readonly sinceS: number | undefined;
};

const urgency: Readonly<Record<Level, number>> = { bad: 0, warn: 1, off: 2, ok: 3 };

/** What does not work, the worst first. A host that is silent stands for its services: one cause is one line. */
export function attentionOf(
  hosts: readonly HostView[],
  services: readonly ServiceView[],
  roles: readonly RoleView[],
): readonly Attention[] {
  const ailing = hosts.filter((it) => it.level !== 'ok');
  const covered = new Set(ailing.map((it) => it.id));
  return [
    ...ailing.map(ofHost),
    ...roles.flatMap(ofRole),
    ...services.filter((it) => it.level !== 'ok' && !covered.has(it.host)).map(ofService),
  ].sort((one, other) => urgency[one.level] - urgency[other.level]);
}

function ofHost(host: HostView): Attention {
  const text = host.isStale ? 'silent' : `says ${host.state}`;
  const its = host.services === 1 ? 'its service gets' : `its ${host.services} services get`;
  return {
    level: host.level,
    what: 'host',
    id: host.id,
    text: host.services === 0 ? text : `${text}: ${its} no work`,
    sinceS: host.isStale ? host.lastSeenS : undefined,
  };
}

function ofRole({ id, target }: RoleView): readonly Attention[] {
  if ('reason' in target) {
    const text = `nothing serves it: ${target.reason}`;
    return [{ level: 'bad', what: 'role', id, text, sinceS: undefined }];
  }
  if (target.fallbackVia === undefined) return [];
  const text = `served by its fallback ${target.fallbackVia}`;
  return [{ level: 'warn', what: 'role', id, text, sinceS: undefined }];
}

function ofService(service: ServiceView): Attention {
  const { level, id, health } = service;
  const text =
    service.obstacle ?? (health.health === 'healthy' ? service.availability : healthText(service));
  return {
    level,
    what: 'service',
    id,
    text,
    sinceS: health.health === 'healthy' ? undefined : health.sinceS,
  };
}

/** A service's health in words. */
export function healthText({ health }: ServiceView): string {
  return health.health ?? 'health unknown';
}
