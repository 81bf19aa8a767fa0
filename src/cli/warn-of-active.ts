import { visible } from '../core/control-characters.ts';
import { VllmdError } from '../core/failure.ts';
import { activeStateIn } from '../host/fleet/active-state.ts';
import { fleetStateDirectory } from '../host/fleet/state-directory.ts';
import type { World } from '../host/world.ts';
import { styleFor } from './style-for.ts';

/** Warns where a host that is to be removed, or called otherwise, has the active runtime: what is not in the file is not stopped. Says of what. */
export function warnOfActive(hostId: string, world: World): readonly string[] {
  const text = warningOf(hostId, world);
  if (text === undefined) return [];
  const { yellow } = styleFor(world.stderr);
  world.stderr.write(`${yellow('warning')}: ${visible(text)}\n`);
  return [text];
}

function warningOf(hostId: string, { env, uid }: World): string | undefined {
  try {
    const active = activeStateIn(fleetStateDirectory(env), uid).read();
    if (active?.host_ids.includes(hostId) !== true) return undefined;
    return `${active.model_id} may run on ${hostId}: without its entry in the file no select can stop it there`;
  } catch (error) {
    // The file can be changed all the same.
    if (error instanceof VllmdError)
      return `whether ${hostId} is in use is not known: ${error.message}`;
    throw error;
  }
}
