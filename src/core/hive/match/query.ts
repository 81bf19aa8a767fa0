import type { MatchRequest } from '../documents.ts';
import { tokensOf } from './tokens.ts';

/** What is asked for, in words. */
export type Query = {
  readonly tasks: readonly string[];
  readonly workloads: readonly string[];
  /** Of the tasks alone. */
  readonly taskTokens: ReadonlySet<string>;
  readonly benchmarkTokens: ReadonlySet<string>;
};

/** The texts of a request: the single ones before the lists, without blank ones. */
export function queryOf({ task, tasks, workload, workloads }: MatchRequest): Query {
  const wanted = written(task, tasks);
  const shapes = written(workload, workloads);
  return {
    tasks: wanted,
    workloads: shapes,
    taskTokens: tokensOf(...wanted),
    benchmarkTokens: tokensOf(...wanted, ...shapes),
  };
}

function written(single: string | null, list: readonly string[]): readonly string[] {
  return [single ?? '', ...list].map((text) => text.trim()).filter((text) => text !== '');
}
