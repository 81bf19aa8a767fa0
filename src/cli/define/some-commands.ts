import type { Entry } from './command.ts';

type Loader = () => Promise<readonly Entry[]>;

const config: Loader = () => import('./config-commands.ts').then((m) => m.configCommands);
const change: Loader = () => import('./change-commands.ts').then((m) => m.changeCommands);
const disk: Loader = () => import('./change-commands.ts').then((m) => [m.diskCommands]);
const host: Loader = () => import('./host-commands.ts').then((m) => m.hostCommands);
const llama: Loader = () => import('./llama-commands.ts').then((m) => [m.llamaCommands]);
const fleet: Loader = () => import('./fleet-commands.ts').then((m) => m.fleetCommands);
const select: Loader = () => import('./fleet-select-commands.ts').then((m) => [m.selectCommands]);
const hive: Loader = () => import('./hive-commands.ts').then((m) => [m.hiveCommands]);
const all: Loader = () => import('./commands.ts').then((m) => m.commands);

/** What is typed first, and the file that has it. */
export const commandFiles: { readonly [name: string]: Loader } = {
  ...{ init: config, validate: config, schema: config, migrate: config },
  ...{ render: config, explain: config },
  ...{ install: change, uninstall: change, rollback: change, recover: change, confirm: change },
  ...{ history: host, status: host, verify: host, precheck: host, topology: host, facts: host },
  ...{ disk, llama, hosts: fleet, backends: fleet, models: fleet, select, hive },
};

/**
 * The commands that a command line can be about: those beside the one that it begins with, else all. To load and to
 * describe all of them takes longer than what most of them do.
 */
export function commandsFor([first = '']: readonly string[]): Promise<readonly Entry[]> {
  return (Object.hasOwn(commandFiles, first) ? commandFiles[first] : undefined)?.() ?? all();
}
