import { textAt } from '../entries.ts';
import type { FleetRule } from './rule.ts';
import { wrong } from './tell.ts';

/** On a command line ssh would take such a name for an option, or for two words. */
export const sshDestination: FleetRule = {
  id: 'fleet-ssh-destination',
  of: 'entry',
  check: ({ entries }) =>
    entries
      .filter(({ section }) => section === 'hosts')
      .flatMap((entry) =>
        ['host', 'user'].flatMap((key) => {
          const { value = '', pointer = '' } = textAt(entry, 'connection', key) ?? {};
          const what = key === 'host' ? 'a host name or an address' : 'the name of an account';
          const text = problemOf(value, key);
          return text === undefined
            ? []
            : wrong('fleet-ssh-destination', pointer, text, `write ${what}, and nothing else`);
        }),
      ),
};

function problemOf(value: string, key: string): string | undefined {
  if (value.startsWith('-')) return 'begins with a dash: ssh would take it for an option';
  if (/[\s\p{Cc}]/u.test(value)) return `white space or a control character in a ${key} name`;
  return key === 'user' && value.includes('@')
    ? 'an @ in it: the host has a key of its own'
    : undefined;
}
