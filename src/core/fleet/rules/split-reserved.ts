import { valueAt } from '../entries.ts';
import type { FleetRule } from './rule.ts';
import { doubtful } from './tell.ts';

export const splitReserved: FleetRule = {
  id: 'fleet-split-policy',
  of: 'file',
  check: ({ entries }) =>
    entries
      .filter(({ section }) => section === 'models')
      .map((entry) => valueAt(entry, 'split_policy'))
      .filter(({ value }) => value !== undefined)
      .map(({ pointer }) =>
        doubtful('fleet-split-policy', pointer, 'reserved: it has no effect', 'write null'),
      ),
};
