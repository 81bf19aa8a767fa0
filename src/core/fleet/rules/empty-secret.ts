import { textAt } from '../entries.ts';
import type { FleetRule } from './rule.ts';
import { wrong } from './tell.ts';

/** An empty text names no key and opens no door: most often a value was not filled in. */
export const emptySecret: FleetRule = {
  id: 'fleet-empty-secret',
  of: 'entry',
  check: ({ entries }) =>
    entries
      .filter(({ section }) => section === 'hosts')
      .flatMap((entry) => ['key_path', 'password'].map((key) => textAt(entry, 'connection', key)))
      .flatMap((text) => {
        if (text?.value !== '') return [];
        const help = 'fill it in, or leave the key out';
        return wrong('fleet-empty-secret', text.pointer, 'is empty', help);
      }),
};
