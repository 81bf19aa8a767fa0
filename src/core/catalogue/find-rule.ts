import { nearest } from '../config/nearest.ts';
import type { Explanation } from './explanation.ts';
import { explanations } from './explanations.gen.ts';

/** What there is about a rule, in any case of its letters. */
export function findRule(id: string): Explanation | undefined {
  const wanted = id.toLowerCase();
  return explanations.find((entry) => entry.id.toLowerCase() === wanted);
}

/** The id that was probably meant. */
export function nearestRule(id: string): string | undefined {
  return nearest(
    id,
    explanations.map((entry) => entry.id),
  );
}

/** Everything that has a page. */
export function ruleIds(): readonly string[] {
  return explanations.map((entry) => entry.id);
}
