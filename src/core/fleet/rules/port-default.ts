import { commandsOf, numberAt } from '../entries.ts';
import { placeholders } from '../template/scan.ts';
import type { FleetRule } from './rule.ts';
import { doubtful } from './tell.ts';

const HELP = 'add "runtime_defaults": { "port": 8080 }, or another port';

/** Two models without a port would both be looked for on one. */
export const portDefault: FleetRule = {
  id: 'fleet-port-default',
  of: 'file',
  check: ({ entries }) =>
    entries
      .filter((entry) => entry.section === 'models' && !hasPort(entry))
      .flatMap((entry) => commandsOf(entry).filter(usesPort).slice(0, 1))
      .map(({ pointer }) => {
        const text = '{port} is 8080 here';
        return doubtful('fleet-port-default', pointer, text, HELP);
      }),
};

function hasPort(entry: Parameters<typeof numberAt>[0]): boolean {
  return numberAt(entry, 'runtime_defaults', 'port') !== undefined;
}

function usesPort({ value }: { readonly value: string }): boolean {
  return placeholders(value).some(({ name }) => name === 'port');
}
