import { textAt, valueAt } from '../entries.ts';
import type { FleetRule } from './rule.ts';
import { doubtful } from './tell.ts';

/** Of a connection; `host` feeds `{host}` on any host. */
const keysOfSsh = ['port', 'user', 'key_path', 'password'] as const;

/** What somebody sets is meant to do something: a local host is reached without it. */
export const localConnection: FleetRule = {
  id: 'fleet-local-connection',
  of: 'entry',
  check: ({ entries }) =>
    entries
      .filter((entry) => textAt(entry, 'transport')?.value === 'local')
      .flatMap((entry) => keysOfSsh.map((key) => ({ key, ...valueAt(entry, 'connection', key) })))
      .filter(({ value }) => value !== undefined)
      .map(({ key, pointer }) => {
        const text = 'it has no effect on a local host';
        const help = 'leave it out, or write "transport": "ssh"';
        const more = key === 'port' ? '; a model has its port in `runtime_defaults`' : '';
        return doubtful('fleet-local-connection', pointer, text, help + more);
      }),
};
