import type { MatchRequest } from '../documents.ts';
import { overlap, tokensOf } from './tokens.ts';

/** What is asked for, in words. */
export type Query = {
  readonly tasks: readonly string[];
  readonly workloads: readonly string[];
  /** Of the tasks alone. */
  readonly taskTokens: ReadonlySet<string>;
  /** Whether there is nothing to look for in measurements, and so all of them count. */
  readonly isOpen: boolean;
  /** How much of what is looked for a workload has in its name. */
  readonly overlapOf: (workload: string) => number;
};

/** The texts of a request: the single ones before the lists, without blank ones. */
export function queryOf({ task, tasks, workload, workloads }: MatchRequest): Query {
  const wanted = written(task, tasks);
  const shapes = written(workload, workloads);
  const tokens = tokensOf(...wanted, ...shapes);
  return {
    tasks: wanted,
    workloads: shapes,
    taskTokens: tokensOf(...wanted),
    isOpen: tokens.size === 0,
    overlapOf: remembered((workload) =>
      shapes.includes(workload) ? 1 : overlap(tokens, tokensOf(workload)),
    ),
  };
}

/** There are few workloads and many measurements of each. */
function remembered(calculate: (text: string) => number): (text: string) => number {
  const known = new Map<string, number>();
  return (text) => {
    const value = known.get(text);
    if (value !== undefined) return value;
    const calculated = calculate(text);
    known.set(text, calculated);
    return calculated;
  };
}

function written(single: string | null, list: readonly string[]): readonly string[] {
  return [single ?? '', ...list].map((text) => text.trim()).filter((text) => text !== '');
}
