import type { World } from '../host/world.ts';
import { shellLine } from './shell-line.ts';

/** Names the config where no option does. */
export const CONFIG_VARIABLE = 'VLLMD_HYPERVISOR_CONFIG';

/** The command line that was typed, as root. */
export function withSudo({ commandLine, env }: Pick<World, 'commandLine' | 'env'>): string {
  const config = env[CONFIG_VARIABLE] ?? '';
  // sudo hands over no variables that are not named to it.
  const variable = config === '' ? [] : [`${CONFIG_VARIABLE}=${config}`];
  return shellLine(['sudo', ...variable, 'vllmd', ...commandLine]);
}
