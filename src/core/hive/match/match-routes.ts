import { compareCodePoints } from '../compare-code-points.ts';
import { type Kind, kinds, type MatchCandidate, type MatchRequest } from '../documents.ts';
import { poolOf, usable } from '../routing/pool.ts';
import type { RoutingView } from '../routing/view.ts';
import { type Appraisal, appraiseRole, appraiseService, profileOf } from './appraise.ts';
import { candidateOf } from './candidate.ts';
import { type Query, queryOf } from './query.ts';

/** What fits a task, as it is answered. */
export type MatchResponse = {
  readonly status: 'ok';
  readonly task_count: number;
  readonly tasks: readonly string[];
  readonly workloads: readonly string[];
  readonly kind: Kind | null;
  readonly modality: string | null;
  readonly candidates: readonly MatchCandidate[];
  /** Some of them are on hosts that are silent, as there are no others. */
  readonly degraded?: true;
};

/** Roles and services, those that fit a task best first. */
export function matchRoutes(view: RoutingView, request: MatchRequest): MatchResponse {
  const query = queryOf(request);
  const appraisals = [
    ...rolesFor(request, query, view),
    ...(request.include_direct_services ? servicesFor(request, query, view) : []),
  ];
  const shown = appraisals.sort(compare).slice(0, Math.max(1, request.limit));
  return {
    status: 'ok',
    task_count: query.tasks.length,
    tasks: query.tasks,
    workloads: query.workloads,
    kind: request.kind,
    modality: request.modality,
    candidates: shown.map((one) => candidateOf(one, profileOf(view))),
    ...(shown.some(({ isDegraded }) => isDegraded) ? { degraded: true } : {}),
  };
}

function rolesFor(
  { kind, modality }: MatchRequest,
  query: Query,
  view: RoutingView,
): readonly Appraisal[] {
  return [...view.catalogue.roles.values()]
    .filter((role) => kind === null || role.operation === kind)
    .filter((role) => modality === null || role.modality === modality)
    .map((role) => appraiseRole(role, query, view));
}

/** The modality of a service is not known, so it is not asked for. */
function servicesFor(
  { kind }: MatchRequest,
  query: Query,
  view: RoutingView,
): readonly Appraisal[] {
  return (kind === null ? kinds : [kind]).flatMap((one) => {
    const pool = poolOf(view, one);
    const isDegraded = pool.fitting.length === 0;
    return usable(pool, view).map(({ row }) => appraiseService(row, query, { view, isDegraded }));
  });
}

function compare(a: Appraisal, b: Appraisal): number {
  if (a.score !== b.score) return b.score - a.score;
  if (a.type !== b.type) return a.type === 'role' ? -1 : 1;
  return compareCodePoints(a.id, b.id);
}
