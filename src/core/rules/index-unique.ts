import { repeats } from './repeats.ts';
import type { Rule } from './rule.ts';

/** No two runtimes have the same `index`. */
export const indexUnique: Rule = {
  id: 'index-unique',
  check: ({ runtimes }) => repeats('index-unique', 'index', runtimes),
};
