import { exitCodes } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import { during, READING } from '../during.ts';
import { lookAtStatus, statusText } from '../look-at-status.ts';
import { warnOf } from '../session.ts';
import { writeJson } from '../write-json.ts';

export async function status(options: { readonly json: boolean }, world: World): Promise<number> {
  const now = await during(world, READING, () => lookAtStatus(world));
  if (now.busy !== null) warnOf(now.busy, world);
  if (options.json) writeJson(now, world);
  else world.stdout.write(statusText(now, world));
  return exitCodes.ok;
}
