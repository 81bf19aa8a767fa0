import type { RegisteredService } from '../catalogue.ts';
import { compareCodePoints } from '../compare-code-points.ts';
import type { RoleRow } from '../documents.ts';
import type { Exclusion } from './pool.ts';
import { best, type Ranking, rank } from './rank.ts';
import { type Found, seek } from './seek.ts';
import type { RoutingView } from './view.ts';

type Chosen = {
  /** Undefined for a name that is known and that nothing serves now. */
  readonly service: RegisteredService | undefined;
  /** All that can serve it, the best one first: where it does not answer, the next one may. */
  readonly ranked: readonly RegisteredService[];
  /** The hosts of all of them are silent. */
  readonly degraded: boolean;
  /** Why this one. */
  readonly reasons: readonly string[];
  /** Who was looked at and cannot serve it, by id. */
  readonly excluded: readonly Exclusion[];
};

/** Which service a name stands for. */
export type Resolution =
  | (Chosen & { readonly kind: 'direct' })
  | (Chosen & {
      readonly kind: 'role';
      readonly role: RoleRow;
      /** The entry of its fallbacks that has led to the service. */
      readonly fallbackVia: string | undefined;
    });

/** The service that gets the work for a name, of a service, an asset or a role; undefined for one that nobody knows. */
export function resolve(view: RoutingView, name: string, kind?: string): Resolution | undefined {
  const found = seek(view, name, kind);
  if (found === undefined) return undefined;
  const { services, reason } = rank(rankingOf(found, view), view);
  const chosen: Chosen = {
    service: services[0],
    ranked: services,
    degraded: found.isDegraded,
    reasons: reasonsOf(found, { first: services[0], name, reason }),
    excluded: found.excluded.toSorted((a, b) => compareCodePoints(a.service_id, b.service_id)),
  };
  const { role, fallbackVia } = found;
  return role === undefined
    ? { kind: 'direct', ...chosen }
    : { kind: 'role', role, fallbackVia, ...chosen };
}

/** The same choice without its reasons, for who makes many. */
export type Pick = {
  readonly role: RoleRow | undefined;
  readonly service: RegisteredService | undefined;
  readonly degraded: boolean;
};

/** What `resolve` chooses, and nothing else of it. */
export function pick(view: RoutingView, name: string, kind?: string): Pick | undefined {
  const found = seek(view, name, kind);
  if (found === undefined) return undefined;
  const service = best(rankingOf(found, view), view);
  return { role: found.role, service, degraded: found.isDegraded };
}

/** The turns are those of the role that was asked for, as it is the one that has had the work. */
function rankingOf({ candidates, role, servingRole }: Found, { turn }: RoutingView): Ranking {
  const turns = role === undefined ? undefined : turn?.(role.role_id);
  return { candidates, role: servingRole, turn: turns ?? 0 };
}

function reasonsOf(
  { role, fallbackVia, isDegraded }: Found,
  chosen: {
    readonly first: RegisteredService | undefined;
    readonly name: string;
    readonly reason: string | undefined;
  },
): readonly string[] {
  const { first, name, reason } = chosen;
  if (first === undefined || reason === undefined) return ['nothing can serve it now'];
  const by = first.row.service_id === name ? 'the name is its id' : 'the name is that of an asset';
  return [
    ...(role === undefined ? [by] : []),
    ...(fallbackVia === undefined ? [] : [`nothing else serves the role, so ${fallbackVia} does`]),
    reason,
    ...(isDegraded ? ['all hosts that could serve it are silent'] : []),
  ];
}
