import type { RegisteredService, Strategy } from '../catalogue.ts';
import { compareCodePoints } from '../compare-code-points.ts';
import type { RoleRow } from '../documents.ts';
import { type RankKey, rankKey } from './rank-key.ts';
import type { RoutingView } from './view.ts';

/** Who is put in order, and for whom. */
export type Ranking = {
  readonly candidates: readonly RegisteredService[];
  /** Whose preferences count; without one, the name itself has led to the services. */
  readonly role: RoleRow | undefined;
  /** Where work comes in turns, how often there was some. */
  readonly turn: number;
};

/** One thing to compare by, with what it says of the better one. */
type Term = {
  readonly reason: string;
  readonly compare: (a: RankKey, b: RankKey) => number;
};

const family: Term = {
  reason: 'it has a preferred family',
  compare: (a, b) => b.family - a.family,
};
const labels: Term = {
  reason: 'its host has more of the preferred labels',
  compare: (a, b) => b.labels - a.labels,
};
const loaded: Term = {
  reason: 'it has an asset loaded',
  compare: (a, b) => Number(b.isLoaded) - Number(a.isLoaded),
};
const latency: Term = {
  reason: 'its latency is lower',
  compare: (a, b) => order(a.p50Ms, b.p50Ms),
};
const lastId: Term = {
  reason: 'its id is the last one of equals',
  compare: (a, b) => compareCodePoints(b.id, a.id),
};
const load: Term = { reason: 'it has less to do', compare: (a, b) => a.load - b.load };
const measuredLatency: Term = {
  reason: 'its latency is lower',
  compare: (a, b) => order(a.p50Ms || Infinity, b.p50Ms || Infinity),
};
const firstId: Term = {
  reason: 'its id is the first one of equals',
  compare: (a, b) => compareCodePoints(a.id, b.id),
};

const direct: readonly Term[] = [loaded, latency, lastId];
const terms: Readonly<Record<Strategy, readonly Term[]>> = {
  scored: [family, labels, loaded, latency, lastId],
  least_loaded: [family, load, measuredLatency, firstId],
  // Of those that fit as well as the first, the turn decides.
  round_robin: [family, firstId],
};

/** The best one alone, which is the first of all that `rank` gives. */
export function best(ranking: Ranking, view: RoutingView): RegisteredService | undefined {
  if (isInTurns(ranking, view)) return rank(ranking, view).services[0];
  const inOrder = termsOf(ranking, view);
  let first: RankKey | undefined;
  for (const service of ranking.candidates) {
    const key = rankKey(service, ranking.role, view);
    if (first === undefined || compareBy(inOrder, key, first) < 0) first = key;
  }
  return first?.service;
}

/** All candidates, the best one first, and why it is that. */
export function rank(
  ranking: Ranking,
  view: RoutingView,
): { readonly services: readonly RegisteredService[]; readonly reason: string | undefined } {
  const inOrder = termsOf(ranking, view);
  const keys = ranking.candidates
    .map((service) => rankKey(service, ranking.role, view))
    .sort((a, b) => compareBy(inOrder, a, b));
  if (!isInTurns(ranking, view)) {
    return { services: keys.map(({ service }) => service), reason: whyFirst(keys, inOrder) };
  }
  const services = rotated(keys, ranking.turn).map(({ service }) => service);
  return { services, reason: services.length > 1 ? 'it is its turn' : whyFirst(keys, inOrder) };
}

function isInTurns({ role }: Ranking, { options }: RoutingView): boolean {
  return role !== undefined && options.defaultStrategy === 'round_robin';
}

function termsOf({ role }: Ranking, { options }: RoutingView): readonly Term[] {
  return role === undefined ? direct : terms[options.defaultStrategy];
}

function compareBy(inOrder: readonly Term[], a: RankKey, b: RankKey): number {
  for (const { compare } of inOrder) {
    const result = compare(a, b);
    if (result !== 0) return result;
  }
  return 0;
}

/** Those that share the best family take turns; the others stay behind them, for when none of these answers. */
function rotated(keys: readonly RankKey[], turn: number): readonly RankKey[] {
  const equals = keys.filter((key) => key.family === keys[0]?.family);
  if (equals.length === 0) return keys;
  const at = turn % equals.length;
  return [...equals.slice(at), ...equals.slice(0, at), ...keys.slice(equals.length)];
}

function whyFirst(
  [first, second]: readonly RankKey[],
  inOrder: readonly Term[],
): string | undefined {
  if (first === undefined) return undefined;
  if (second === undefined) return 'it is the only one that can';
  return inOrder.find(({ compare }) => compare(first, second) !== 0)?.reason;
}

/** Not by a difference, as that of two infinite ones is no number. */
function order(a: number, b: number): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
