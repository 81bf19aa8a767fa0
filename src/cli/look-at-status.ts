import { VllmdError } from '../core/failure.ts';
import { noStatus, type Status, statusOf } from '../core/report/status.ts';
import { statusHuman } from '../core/report/status-human.ts';
import { observe, readManifest } from '../host/inspect.ts';
import { readMoment } from '../host/read-moment.ts';
import { readUnfinished } from '../host/unfinished.ts';
import type { World } from '../host/world.ts';
import { whoIsBusy } from './session.ts';
import { styleFor } from './style-for.ts';
import { withSudo } from './with-sudo.ts';

/** The state of this host now. */
export async function lookAtStatus(world: World): Promise<Status> {
  const busy = await whoIsBusy(world);
  const host = world.host('');
  const manifest = await readManifest(host);
  if (manifest === 'unknown') {
    const hint = `run \`${withSudo(world)}\`, or \`systemctl status "vllmd-runtime@*"\``;
    throw new VllmdError('needsRoot', 'the record of the last install needs root to read', hint);
  }
  const unfinished = await readUnfinished(host, busy !== undefined);
  if (manifest === 'none') return { ...noStatus(world.now(), unfinished), busy: busy ?? null };
  const observed = await observe(host, [], manifest);
  const moment = await readMoment(host, manifest, observed, world.now());
  return statusOf(manifest, observed, unfinished, { ...moment, busy });
}

/** For people. */
export function statusText(status: Status, { stdout }: World): string {
  if (status.config === '' && !status.interrupted) return 'vllmd has installed nothing here\n';
  return statusHuman(status, { style: styleFor(stdout), width: stdout.columns });
}
