import type { Entry } from './command.ts';
import { commandAt } from './command-word.ts';

/**
 * The words of the command before its options, as the parser takes them: before it knows the command it would read the
 * next word as the value of a switch. A group that stands for one of its commands gets that one: `vllmd hosts --json`
 * is `vllmd hosts list --json`.
 */
export function withCommandFirst(
  argv: readonly string[],
  commands: readonly Entry[],
): readonly string[] {
  const at = commandAt(argv, commands);
  const entry = commands.find(({ name }) => name === argv[at]);
  if (entry === undefined) return argv;
  const before = argv.slice(0, at);
  const rest = argv.slice(at + 1);
  const own = entry.kind === 'group' ? commandAt(rest, commands) : -1;
  const second = rest[own];
  if (second !== undefined) {
    return [entry.name, second, ...before, ...rest.slice(0, own), ...rest.slice(own + 1)];
  }
  const isHelp = argv.some((word) => word === '--help' || word === '-h');
  const alone = entry.kind === 'group' && !isHelp ? entry.alone : undefined;
  return [entry.name, ...(alone === undefined ? [] : [alone]), ...before, ...rest];
}
