import { repeats } from './repeats.ts';
import type { Rule } from './rule.ts';

/** No two runtimes have the same `name`. */
export const nameUnique: Rule = {
  id: 'name-unique',
  check: ({ runtimes }) => repeats('name-unique', 'name', runtimes),
};
