import type { Diagnostic } from '../../diagnostic.ts';
import { duplicateId } from './duplicate-id.ts';
import { emptyCommand } from './empty-command.ts';
import { emptySecret } from './empty-secret.ts';
import { envName } from './env-name.ts';
import { localConnection } from './local-connection.ts';
import { neverSelected } from './never-selected.ts';
import { noControlCharacters } from './no-control-characters.ts';
import { portDefault } from './port-default.ts';
import { portNumber } from './port-number.ts';
import type { FleetRule, FleetSubject } from './rule.ts';
import { splitReserved } from './split-reserved.ts';
import { sshDestination } from './ssh-destination.ts';
import { sshHost } from './ssh-host.ts';
import { timeSpan } from './time-span.ts';
import { unknownBackend } from './unknown-backend.ts';
import { unknownId } from './unknown-id.ts';
import { unknownVariable } from './unknown-variable.ts';
import { variableInQuotes } from './variable-in-quotes.ts';
import { variableWithoutValue } from './variable-without-value.ts';

/** In the order in which problems of one entry, and then of the whole file, are told. */
export const fleetRules: readonly FleetRule[] = [
  sshHost,
  sshDestination,
  emptySecret,
  localConnection,
  portNumber,
  timeSpan,
  envName,
  emptyCommand,
  unknownVariable,
  variableWithoutValue,
  variableInQuotes,
  noControlCharacters,
  duplicateId,
  unknownId,
  unknownBackend,
  neverSelected,
  portDefault,
  splitReserved,
];

export function checkFleetRules(
  subject: FleetSubject,
  what: FleetRule['of'],
): readonly Diagnostic[] {
  return fleetRules.filter((rule) => rule.of === what).flatMap(({ check }) => check(subject));
}
