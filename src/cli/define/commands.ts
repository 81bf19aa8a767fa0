import { changeCommands, diskCommands } from './change-commands.ts';
import type { Entry } from './command.ts';
import { configCommands } from './config-commands.ts';
import { fleetCommands } from './fleet-commands.ts';
import { selectCommands } from './fleet-select-commands.ts';
import { hiveCommands } from './hive-commands.ts';
import { hostCommands } from './host-commands.ts';
import { llamaCommands } from './llama-commands.ts';
import { shellCommands } from './shell-commands.ts';

/** Everything that `vllmd` can be told, in the order of its help. */
export const commands: readonly Entry[] = [
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
