import { errorAt } from '../diagnostic.ts';
import type { Rule } from './rule.ts';

/** Virtual machines run under an account other than root. */
export const userNotRoot: Rule = {
  id: 'user-not-root',
  check: ({ user }) =>
    user === 'root'
      ? [
          errorAt(
            'user-not-root',
            '/global/user',
            'global.user: must not be "root": virtual machines run unprivileged',
            'name an ordinary account of this host',
          ),
        ]
      : [],
};
