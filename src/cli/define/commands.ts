import { changeCommands, diskCommands } from './change-commands.ts';
import type { Command, CommandGroup } from './command.ts';
import { configCommands } from './config-commands.ts';
import { fleetCommands } from './fleet-commands.ts';
import { selectCommands } from './fleet-select-commands.ts';
import { hiveCommands } from './hive-commands.ts';
import { hostCommands } from './host-commands.ts';
import { llamaCommands } from './llama-commands.ts';
import { shellCommands } from './shell-commands.ts';

/** Everything that `vllmd` can be told, in the order of its help. */
export const commands: readonly (Command | CommandGroup)[] = [
  ...configCommands,
  ...changeCommands,
  ...hostCommands,
  diskCommands,
  llamaCommands,
  ...fleetCommands,
  selectCommands,
  hiveCommands,
  ...shellCommands(() => commands),
];

/** Options and operands that take a list, as the parser names them. */
export const severalValues: ReadonlySet<string> = new Set(
  everyCommand().flatMap(({ options, positionals }) => [
    ...Object.entries(options)
      .filter(([, { type }]) => type === 'array')
      .flatMap(([name]) => [name, camelCase(name)]),
    ...Object.entries(positionals)
      .filter(([, { array }]) => array === true)
      .map(([name]) => name),
  ]),
);

/** Without the groups that they are in. */
export function everyCommand(): readonly Command[] {
  return commands.flatMap((entry) => {
    if (entry.kind === 'command') return [entry];
    return entry.itself === undefined ? entry.commands : [entry.itself, ...entry.commands];
  });
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
