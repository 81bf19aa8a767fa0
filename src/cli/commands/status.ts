import { exitCodes, VllmdError } from '../../core/failure.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import { type Status, statusOf } from '../../core/report/status.ts';
import { statusHuman } from '../../core/report/status-human.ts';
import { observe, readManifest } from '../../host/inspect.ts';
import { readUnfinished } from '../../host/unfinished.ts';
import type { World } from '../../host/world.ts';
import { warnIfBusy } from '../session.ts';
import { styleFor } from '../style-for.ts';

export async function status(options: { readonly json: boolean }, world: World): Promise<number> {
  const isBusy = await warnIfBusy(world);
  const host = world.host('');
  const manifest = await readManifest(host);
  if (manifest === 'unknown') {
    const hint = 'run `sudo vllmd status`, or `systemctl status "vllmd-runtime@*"`';
    throw new VllmdError('needsRoot', 'the record of the last install needs root to read', hint);
  }
  const unfinished = await readUnfinished(host, isBusy);
  const result: Status =
    manifest === 'none'
      ? { ...nothing, ...unfinished }
      : statusOf(manifest, await observe(host, [], manifest), unfinished);
  if (options.json) {
    world.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  } else if (manifest === 'none' && !unfinished.interrupted) {
    world.stdout.write('vllmd has installed nothing here\n');
  } else {
    world.stdout.write(statusHuman(result, styleFor(world.stdout)));
  }
  return exitCodes.ok;
}

const nothing: Status = {
  format_version: FORMAT_VERSION,
  generation: 0,
  config: '',
  interrupted: false,
  unconfirmed: false,
  runtimes: [],
  units: [],
  drifted: [],
  pinned: [],
  drift: [],
};
