import type { RegisteredService } from '../catalogue.ts';
import { compareCodePoints } from '../compare-code-points.ts';
import type { RoleRow } from '../documents.ts';
import { type Measure, type Order, orderOf, usual } from './measures.ts';
import type { RoutingView } from './view.ts';

/** Who is put in order, and for whom. */
export type Ranking = {
  /** In their usual order. */
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
    if (leader !== undefined && !isBetter(service, leader, order)) continue;
    leader = valued(service, order);
    if (isUnbeaten(leader, order)) return service;
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
  return equals === 'smallest id' && compareIds(service, leader.service) < 0;
}

/** Those that come later are at most equal to it. */
function isUnbeaten({ values }: Ranked, { measures, equals }: Order): boolean {
  return equals === 'as they come' && measures.every(({ most }, at) => values[at] === most);
}

function compare(a: Ranked, b: Ranked, { equals }: Order): number {
  const at = a.values.findIndex((value, index) => value !== b.values[index]);
  if (at !== -1) return (a.values[at] ?? 0) > (b.values[at] ?? 0) ? -1 : 1;
  return equals === 'as they come' ? 0 : compareIds(a.service, b.service);
}

function compareIds(a: RegisteredService, b: RegisteredService): number {
  return compareCodePoints(a.row.service_id, b.row.service_id);
}

/** Those that share the best family take turns; the others stay behind them, for when none of these answers. */
function rotated(ranked: readonly Ranked[], turn: number): readonly Ranked[] {
  const equals = ranked.filter(({ values }) => values[0] === ranked[0]?.values[0]);
  const at = turn % Math.max(1, equals.length);
  return [...equals.slice(at), ...equals.slice(0, at), ...ranked.slice(equals.length)];
}

function whyFirst([first, second]: readonly Ranked[], { measures, equals }: Order) {
  if (first === undefined) return undefined;
  if (second === undefined) return 'it is the only one that can';
  const isSmallest = equals === 'smallest id';
  const deciding = [...measures, ...(isSmallest ? [] : usual)].find(differ(first, second));
  return deciding?.reason ?? `of equals, it has the ${isSmallest ? 'smallest' : 'greatest'} id`;
}

function differ(first: Ranked, second: Ranked): (measure: Measure) => boolean {
  return ({ of }) => of(first.service.row) !== of(second.service.row);
}
