import { valueAt } from '../entries.ts';
import type { FleetRule } from './rule.ts';
import { doubtful } from './tell.ts';

const lists = {
  hosts: [],
  backends: ['host_filters'],
  models: ['host_policy', 'backend_policy'],
} as const;

/** An empty policy allows nothing. */
export const neverSelected: FleetRule = {
  id: 'fleet-never-selected',
  of: 'file',
  check: ({ entries }) =>
    entries.flatMap((entry) =>
      lists[entry.section].flatMap((key) => {
        const { value, pointer } = valueAt(entry, key);
        if (!Array.isArray(value) || value.length > 0) return [];
        const what = entry.section === 'models' ? 'the model' : 'the backend';
        const text = `an empty list: ${what} can never be selected`;
        return doubtful('fleet-never-selected', pointer, text, 'write "any", or name ids');
      }),
    ),
};
