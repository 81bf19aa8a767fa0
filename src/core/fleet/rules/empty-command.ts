import { commandsOf } from '../entries.ts';
import type { FleetRule } from './rule.ts';
import { doubtful, wrong } from './tell.ts';

/** An empty command succeeds, whatever it was meant to find out or to do. */
export const emptyCommand: FleetRule = {
  id: 'fleet-empty-command',
  of: 'entry',
  check: ({ entries }) =>
    entries.flatMap((entry) =>
      commandsOf(entry)
        .filter(({ value }) => value.trim() === '')
        .map(({ pointer, isRequired }) =>
          isRequired
            ? wrong('fleet-empty-command', pointer, 'empty command', 'write what is to be run')
            : doubtful('fleet-empty-command', pointer, 'empty command', 'write null for none'),
        ),
    ),
};
