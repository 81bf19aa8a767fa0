import type { Kind, MatchCandidate, RoleRow, ServiceRow } from '../documents.ts';
import { familyRankOf } from '../routing/family.ts';
import { pick } from '../routing/resolve.ts';
import type { RoutingView } from '../routing/view.ts';
import { type BenchmarkScore, benchmarkScore } from './benchmark-score.ts';
import { type ScoreProfile, scoreProfiles } from './profiles.ts';
import type { Query } from './query.ts';
import { roundScore } from './round-score.ts';
import { runtimeScore } from './runtime-score.ts';
import { samplesOf } from './samples.ts';
import { roleTokens, serviceTokens } from './texts.ts';
import { overlap } from './tokens.ts';

/** A candidate with its score and what that came from. */
export type Appraisal = {
  readonly type: MatchCandidate['candidate_type'];
  readonly id: string;
  readonly operation: Kind;
  /** Rounded, as it is sorted by. */
  readonly score: number;
  readonly taskOverlap: number;
  readonly hasFamily: boolean;
  readonly benchmark: BenchmarkScore;
  readonly role: RoleRow | undefined;
  readonly service: ServiceRow | undefined;
  /** The host of the service is silent. */
  readonly isDegraded: boolean;
};

/** What a role is worth for a query: its own text, and the service that it stands for now. */
export function appraiseRole(role: RoleRow, query: Query, view: RoutingView): Appraisal {
  const weights = profileOf(view).role;
  const picked = pick(view, role.role_id, role.operation);
  const service = picked?.service?.row;
  const taskOverlap = overlap(query.taskTokens, roleTokens(role));
  const { runtime, benchmark } = partsOf(service, query, view);
  const hasFamily = service !== undefined && fitsFamily(role, service, view);
  const sum =
    weights.text * taskOverlap +
    weights.family * Number(hasFamily) +
    weights.runtime * runtime +
    weights.benchmark * benchmark.score;
  return {
    type: 'role',
    id: role.role_id,
    operation: role.operation,
    score: roundScore(Math.min(1, sum)),
    taskOverlap,
    hasFamily,
    benchmark,
    role,
    service,
    isDegraded: picked?.degraded ?? false,
  };
}

/** What a service itself is worth for a query. */
export function appraiseService(
  service: ServiceRow,
  query: Query,
  { view, isDegraded }: { readonly view: RoutingView; readonly isDegraded: boolean },
): Appraisal {
  const weights = profileOf(view).service;
  const taskOverlap = overlap(query.taskTokens, serviceTokens(service));
  const { runtime, benchmark } = partsOf(service, query, view);
  const sum =
    weights.text * taskOverlap + weights.runtime * runtime + weights.benchmark * benchmark.score;
  return {
    type: 'service',
    id: service.service_id,
    operation: service.kind,
    score: roundScore(Math.min(1, sum)),
    taskOverlap,
    hasFamily: false,
    benchmark,
    role: undefined,
    service,
    isDegraded,
  };
}

function partsOf(
  service: ServiceRow | undefined,
  query: Query,
  view: RoutingView,
): { readonly runtime: number; readonly benchmark: BenchmarkScore } {
  const profile = profileOf(view);
  const samples = service === undefined ? [] : samplesOf(service.service_id, view);
  return {
    runtime: service === undefined ? 0 : runtimeScore(service, profile),
    benchmark: benchmarkScore(samples, query, profile),
  };
}

function fitsFamily(role: RoleRow, service: ServiceRow, { catalogue, options }: RoutingView) {
  const { assets } = catalogue;
  return familyRankOf(role, { assets, profile: options.profile })(service) > 0;
}

/** The numbers that a view is scored with. */
export function profileOf({ options }: RoutingView): ScoreProfile {
  return scoreProfiles[options.profile];
}
