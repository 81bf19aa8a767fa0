import { parseDuration } from '../../core/duration.ts';
import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { World } from '../../host/world.ts';
import { during, READING } from '../during.ts';
import { lookAtStatus, statusText } from '../look-at-status.ts';
import { warnOf } from '../session.ts';
import { watchStatus } from '../watch-status.ts';
import { writeJson } from '../write-json.ts';

export type StatusOptions = {
  readonly json: boolean;
  /** A time; '' for the usual one. */
  readonly watch?: string | undefined;
};

export async function status({ json, watch }: StatusOptions, world: World): Promise<number> {
  if (watch !== undefined) return watchStatus({ json, intervalMs: intervalOf(watch) }, world);
  const now = await during(world, READING, () => lookAtStatus(world));
  if (now.busy !== null) warnOf(now.busy, world);
  if (json) writeJson(now, world);
  else world.stdout.write(statusText(now, world));
  return exitCodes.ok;
}

const USUAL_MS = 2000;
/** A look is several programs. */
const LEAST_MS = 1000;

function intervalOf(text: string): number {
  const milliseconds = text === '' ? USUAL_MS : parseDuration(text);
  if (milliseconds !== undefined && milliseconds >= LEAST_MS) return milliseconds;
  const message = `--watch ${text}: it takes a time of at least 1s`;
  throw new VllmdError('usage', message, 'write 5, 5s or 1m; alone it looks every 2 seconds');
}
