import { nearest } from '../../config/nearest.ts';
import { shortened } from '../../config/show-value.ts';
import { variablesIn } from '../template/contexts.ts';
import { ofEachPlaceholder } from './each-placeholder.ts';
import type { FleetRule } from './rule.ts';
import { wrong } from './tell.ts';

/** What stands in braces is a variable, or has blanks within the braces. */
export const unknownVariable: FleetRule = {
  id: 'fleet-unknown-variable',
  of: 'entry',
  check: (subject) =>
    ofEachPlaceholder(subject, 'unknown', ({ name }, { key, pointer }) => {
      const known = variablesIn(key);
      const meant = nearest(name, known);
      const shown = shortened(name);
      const variables = `variables are ${known.map((one) => `{${one}}`).join(', ')}`;
      const help = `write \`{ ${shown} }\` if it is none; ${meant === undefined ? variables : `did you mean {${meant}}?`}`;
      const text = `unknown template variable {${shown}}`;
      return wrong('fleet-unknown-variable', pointer, text, help);
    }),
};
