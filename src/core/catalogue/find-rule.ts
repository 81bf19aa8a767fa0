import { nearest } from '../config/nearest.ts';
import type { Explanation } from './explanation.ts';
import { explanations } from './explanations.gen.ts';

/** What there is about a rule, in any case of its letters: two where the id stands for a check of the host as well. */
export function findRule(id: string): readonly Explanation[] {
  const wanted = id.toLowerCase();
  return explanations.filter((entry) => entry.id.toLowerCase() === wanted);
}

/** The id that was probably meant. */
export function nearestRule(id: string): string | undefined {
  return nearest(
    id,
    explanations.map((entry) => entry.id),
  );
}
