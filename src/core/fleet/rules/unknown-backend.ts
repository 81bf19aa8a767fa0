import { quoted } from '../../config/show-value.ts';
import { textsAt } from '../entries.ts';
import type { FleetRule } from './rule.ts';
import { doubtful } from './tell.ts';
import { helpFor, idsOf } from './unknown-id.ts';

/** A host may be ready for a backend that the file does not have yet. */
export const unknownBackend: FleetRule = {
  id: 'fleet-unknown-backend',
  of: 'file',
  check: ({ entries, lists }) => {
    if (!lists.has('backends')) return [];
    const known = idsOf(entries, 'backends');
    return entries
      .filter(({ section }) => section === 'hosts')
      .flatMap((entry) => textsAt(entry, 'capabilities', 'backends'))
      .filter(({ value }) => !known.includes(value))
      .map(({ value, pointer }) => {
        const text = `no backend has the id ${quoted(value)}`;
        return doubtful('fleet-unknown-backend', pointer, text, helpFor(value, 'backends', known));
      });
  },
};
