import { hasPrivateKey } from '../config/private-key.ts';
import { problem } from '../config/problem.ts';
import { stringsOf } from '../config/toml-tree.ts';
import type { Rule } from './rule.ts';

/** No string contains a private key. */
export const noPrivateKey: Rule = {
  id: 'no-private-key',
  check: ({ tree }) =>
    stringsOf(tree).flatMap(({ at, text }) =>
      hasPrivateKey(text)
        ? [
            problem(
              'no-private-key',
              at,
              'must not be a private key',
              'the public key is in the file that ends in .pub; make a new pair if others can read this config',
            ),
          ]
        : [],
    ),
};
