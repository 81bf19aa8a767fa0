import { variablesIn } from '../template/contexts.ts';
import { ofEachPlaceholder } from './each-placeholder.ts';
import type { FleetRule } from './rule.ts';
import { wrong } from './tell.ts';

/** A host is checked for no model: what is of one has no value there. */
export const variableWithoutValue: FleetRule = {
  id: 'fleet-variable-without-value',
  of: 'entry',
  check: (subject) =>
    ofEachPlaceholder(subject, 'unavailable', ({ name }, { key, pointer }) => {
      const known = variablesIn(key).map((one) => `{${one}}`);
      const text = `template variable {${name}} has no value in this command`;
      const help = `variables of ${key} are ${known.join(', ')}`;
      return wrong('fleet-variable-without-value', pointer, text, help);
    }),
};
