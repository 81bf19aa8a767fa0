import { textAt, valueAt } from '../entries.ts';
import { isJsonObject } from '../json-value.ts';
import type { FleetRule } from './rule.ts';
import { wrong } from './tell.ts';

/** Without an address there is nothing that ssh could reach. */
export const sshHost: FleetRule = {
  id: 'fleet-ssh-host',
  of: 'entry',
  check: ({ entries }) =>
    entries.flatMap((entry) => {
      if (textAt(entry, 'transport')?.value !== 'ssh') return [];
      const { value, pointer } = valueAt(entry, 'connection', 'host');
      const isThere = value !== undefined && value !== '';
      if (isThere || !isJsonObject(valueAt(entry, 'connection').value)) return [];
      const text = value === '' ? 'is empty, and ssh needs it' : 'is missing, and ssh needs it';
      const help = 'add "host": "ADDRESS", or write "transport": "local"';
      return wrong('fleet-ssh-host', pointer, text, help);
    }),
};
