import { changeCommands, diskCommands } from './change-commands.ts';
import type { Command, CommandGroup } from './command.ts';
import { configCommands } from './config-commands.ts';
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
  ...shellCommands(() => commands),
];

/** Options that take a list, as the parser names them. */
export const severalValues: ReadonlySet<string> = new Set(
  commands
    .flatMap((entry) => (entry.kind === 'group' ? entry.commands : [entry]))
    .flatMap(({ options }) => Object.entries(options))
    .flatMap(([name, { type }]) => (type === 'array' ? [name, camelCase(name)] : [])),
);

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
