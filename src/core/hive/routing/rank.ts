import type { RegisteredService } from '../catalogue.ts';
import { compareCodePoints } from '../compare-code-points.ts';
import type { RoleRow } from '../documents.ts';
import { type Order, orderOf } from './measures.ts';
import type { RoutingView } from './view.ts';

/** Who is put in order, and for whom. */
export type Ranking = {
  readonly candidates: readonly RegisteredService[];
  /** Whose preferences count; without one, the name itself has led to the services. */
  readonly role: RoleRow | undefined;
  /** Where work comes in turns, how often there was some. */
  readonly turn: number;
};

type Ranked = { readonly service: RegisteredService; readonly values: readonly number[] };

/** The best one alone, which is the first of all that `rank` gives. */
export function best(ranking: Ranking, view: RoutingView): RegisteredService | undefined {
  if (isInTurns(ranking, view)) return rank(ranking, view).services[0];
  const order = orderOf(ranking.role, view.options.defaultStrategy, view);
  let leader: Ranked | undefined;
  for (const service of ranking.candidates) {
    if (leader === undefined || isBetter(service, leader, order)) leader = valued(service, order);
  }
  return leader?.service;
}

/** All candidates, the best one first, and why it is that. */
export function rank(
  ranking: Ranking,
  view: RoutingView,
): { readonly services: readonly RegisteredService[]; readonly reason: string | undefined } {
  const order = orderOf(ranking.role, view.options.defaultStrategy, view);
  const ranked = ranking.candidates
    .map((service) => valued(service, order))
    .sort((a, b) => compare(a, b, order));
  const inTurns = isInTurns(ranking, view) ? rotated(ranked, ranking.turn) : ranked;
  const isTurn = isInTurns(ranking, view) && ranked.length > 1;
  return {
    services: inTurns.map(({ service }) => service),
    reason: isTurn ? 'it is its turn' : whyFirst(ranked, order),
  };
}

function isInTurns({ role }: Ranking, { options }: RoutingView): boolean {
  return role !== undefined && options.defaultStrategy === 'round_robin';
}

function valued(service: RegisteredService, { measures }: Order): Ranked {
  return { service, values: measures.map(({ of }) => of(service.row)) };
}

/** Measures no further than to the first difference, as most are far behind. */
function isBetter(service: RegisteredService, leader: Ranked, { measures, equals }: Order) {
  let at = 0;
  for (const { of } of measures) {
    const value = of(service.row);
    const most = leader.values[at] ?? value;
    if (value !== most) return value > most;
    at += 1;
  }
  return compareIds(service, leader.service, equals) < 0;
}

function compare(a: Ranked, b: Ranked, { equals }: Order): number {
  const at = firstDifference(a, b);
  if (at === -1) return compareIds(a.service, b.service, equals);
  return (a.values[at] ?? 0) > (b.values[at] ?? 0) ? -1 : 1;
}

function firstDifference(a: Ranked, b: Ranked): number {
  return a.values.findIndex((value, at) => value !== b.values[at]);
}

function compareIds(a: RegisteredService, b: RegisteredService, equals: Order['equals']): number {
  const order = compareCodePoints(a.row.service_id, b.row.service_id);
  return equals === 'smallest id' ? order : -order;
}

/** Those that share the best family take turns; the others stay behind them, for when none of these answers. */
function rotated(ranked: readonly Ranked[], turn: number): readonly Ranked[] {
  const equals = ranked.filter(({ values }) => values[0] === ranked[0]?.values[0]);
  const at = turn % Math.max(1, equals.length);
  return [...equals.slice(at), ...equals.slice(0, at), ...ranked.slice(equals.length)];
}

function whyFirst([first, second]: readonly Ranked[], order: Order): string | undefined {
  if (first === undefined) return undefined;
  if (second === undefined) return 'it is the only one that can';
  const measure = order.measures[firstDifference(first, second)];
  return measure?.reason ?? `of equals, it has the ${order.equals}`;
}
