import { isJsonObject } from '../../fleet/json-value.ts';
import type { Loc, Problem } from './problem.ts';

/** Lists and objects within each other: documents need less than ten, the rest is for free maps. */
const DEEPEST = 64;

type Step = {
  readonly value: unknown;
  readonly depth: number;
  readonly key: string | number;
  readonly from: Step | undefined;
};

/** What is wrong with a value that is deeper than anything may be. */
export function depthProblem(value: unknown): Problem | undefined {
  const loc = tooDeepAt(value);
  if (loc === undefined) return undefined;
  const msg = `Input should have no more than ${DEEPEST} lists and objects within each other`;
  // Whoever prints it would go as deep.
  return { type: 'value_error', loc, msg, input: null };
}

/** It does not call itself, so that no depth ends it. */
function tooDeepAt(value: unknown): Loc | undefined {
  const open: Step[] = [{ value, depth: 0, key: '', from: undefined }];
  for (let step = open.pop(); step !== undefined; step = open.pop()) {
    if (step.depth > DEEPEST) return locOf(step);
    for (const [key, content] of entriesOf(step.value)) {
      // A plain value has no depth of its own.
      if (typeof content !== 'object' || content === null) continue;
      open.push({ value: content, depth: step.depth + 1, key, from: step });
    }
  }
  return undefined;
}

function entriesOf(value: unknown): Iterable<readonly [string | number, unknown]> {
  if (Array.isArray(value)) return value.entries();
  return isJsonObject(value) ? Object.entries(value) : [];
}

function locOf(step: Step): Loc {
  const loc: (string | number)[] = [];
  for (let at: Step = step; at.from !== undefined; at = at.from) loc.unshift(at.key);
  return loc;
}
