import { type VariableName, variableNames } from './variables.ts';

/** Keys of runtimes.json whose text is a command. */
export type CommandKey =
  | 'check_cmd'
  | 'stop_cmd'
  | 'cleanup_cmd'
  | 'apply_cmd'
  | 'verify_cmd'
  | 'rollback_cmd'
  | 'start_cmd'
  | 'probe_cmd';

const ofHost: readonly VariableName[] = ['host', 'host_id'];

/** The variables that have a value in a command: a host is checked for no model, all others have to do with one. */
export function variablesIn(key: CommandKey): readonly VariableName[] {
  return key === 'check_cmd' ? ofHost : variableNames;
}
