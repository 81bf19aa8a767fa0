import { numberAt } from '../entries.ts';
import type { FleetRule } from './rule.ts';
import { wrong } from './tell.ts';

const HIGHEST = 65_535;

export const portNumber: FleetRule = {
  id: 'fleet-port',
  of: 'entry',
  check: ({ entries }) =>
    entries.flatMap((entry) => {
      const parent = { hosts: 'connection', backends: '', models: 'runtime_defaults' };
      const port = numberAt(entry, parent[entry.section], 'port');
      if (port === undefined || isPort(port.value)) return [];
      const text = `${port.value} is no port`;
      return wrong('fleet-port', port.pointer, text, `write an integer from 1 to ${HIGHEST}`);
    }),
};

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= HIGHEST;
}
