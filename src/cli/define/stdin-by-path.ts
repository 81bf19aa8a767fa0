import { commands } from './commands.ts';

/** The parser loses a `-` among several operands: there standard input is named by its path. */
export function withStdinByPath(words: readonly string[]): readonly string[] {
  if (!words.includes('-') || !takesSeveral(words)) return words;
  return words.map((word) => (word === '-' ? '/dev/stdin' : word));
}

/** The command stands first, behind the word of its group. */
function takesSeveral([group, name]: readonly string[]): boolean {
  return commands.some(
    (entry) =>
      entry.kind === 'group' &&
      entry.name === group &&
      entry.commands.some(
        (command) =>
          command.name === name &&
          Object.values(command.positionals).some(({ array }) => array === true),
      ),
  );
}
