import type { Entry } from './command.ts';

/** The parser loses a `-` among several operands: there standard input is named by its path. */
export function withStdinByPath(
  words: readonly string[],
  commands: readonly Entry[],
): readonly string[] {
  if (!words.includes('-') || !takesSeveral(words, commands)) return words;
  return words.map((word) => (word === '-' ? '/dev/stdin' : word));
}

/** The command stands first, behind the word of its group. */
function takesSeveral([group, name]: readonly string[], commands: readonly Entry[]): boolean {
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
