import { VllmdError } from '../../core/failure.ts';
import type { Entry } from './command.ts';
import { commandAt } from './command-word.ts';

/** The parser loses what stands behind `--`: it is moved to where the operands of the command begin. */
export function withoutDashes(
  argv: readonly string[],
  commands: readonly Entry[],
): readonly string[] {
  const end = argv.indexOf('--');
  if (end < 0) return argv;
  const before = argv.slice(0, end);
  const operands = argv.slice(end + 1);
  const word = operands.find((operand) => /^-./.test(operand));
  if (word !== undefined) {
    throw new VllmdError('usage', `${word}: it begins with a dash`, `write ./${word} for a file`);
  }
  const at = commandAt(before, commands) + 1;
  const isGroup = commands.some(({ kind, name }) => kind === 'group' && name === before[at - 1]);
  const start = isGroup ? at + 1 : at;
  return [...before.slice(0, start), ...operands, ...before.slice(start)];
}
