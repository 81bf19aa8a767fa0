import { visible } from '../../core/control-characters.ts';
import { bootChoice, ON_BOOT_VARIABLE } from '../../core/llama/run/boot.ts';
import type { World } from '../../host/world.ts';
import { readPlace } from '../find-config.ts';
import { LLAMA_CONFIG_VARIABLE } from '../with-sudo.ts';

/** Whether a boot launches anything: it is asked for, a config is named, and there is one. */
export function bootSays(named: string | undefined, world: World): boolean {
  const value = world.env[ON_BOOT_VARIABLE];
  const choice = bootChoice(value);
  if (choice === 'not-understood') {
    const shown = visible(value ?? '');
    world.stderr.write(
      `warning: ${ON_BOOT_VARIABLE}=${shown} not understood; treating as false.\n`,
    );
  }
  const place = named ?? world.env[LLAMA_CONFIG_VARIABLE] ?? '';
  if (choice !== 'launch' || place === '') return false;
  // Standard input is there, and can be read once.
  if (place === '-' || readPlace(place, world) !== undefined) return true;
  world.stderr.write(`Config file not found at: ${visible(place)}. Skipping.\n`);
  return false;
}
