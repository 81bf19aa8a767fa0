import { problem } from '../../config/problem.ts';
import type { Diagnostic } from '../../diagnostic.ts';

/** An error whose message begins with its key. */
export const wrong = problem;

/** The same as a hint. */
export function doubtful(rule: string, at: string, text: string, help?: string): Diagnostic {
  return { ...problem(rule, at, text, help), severity: 'warning' };
}
