import { posixWord } from '../../shell-word.ts';
import { placeholders } from './scan.ts';
import { type Variables, variableNames } from './variables.ts';

/**
 * The command with a value for each placeholder, always in single quotes; a list becomes several words. What is
 * inserted is not looked at again. The command has been checked: a placeholder without a value is a bug.
 */
export function interpolate(command: string, variables: Partial<Variables>): string {
  let end = 0;
  let text = '';
  for (const { name, index } of placeholders(command)) {
    text += command.slice(end, index) + insertedFor(name, variables);
    end = index + name.length + 2;
  }
  return text + command.slice(end);
}

function insertedFor(name: string, variables: Partial<Variables>): string {
  const known = variableNames.find((one) => one === name);
  const value = known === undefined ? undefined : variables[known];
  if (value === undefined) throw new Error(`{${name}} has no value`);
  if (typeof value === 'string' || typeof value === 'number') return posixWord(String(value));
  return value.map(known === 'backend_env' ? assignment : posixWord).join(' ');
}

/** The name stays bare, else the shell would take it for a command. */
function assignment(entry: string): string {
  const at = entry.indexOf('=');
  return `${entry.slice(0, at)}=${posixWord(entry.slice(at + 1))}`;
}
