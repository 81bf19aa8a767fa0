import { exitCodes, VllmdError } from '../../core/failure.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import { statusHuman, statusOf } from '../../core/report/status.ts';
import { observe, readManifest } from '../../host/inspect.ts';
import type { World } from '../../host/world.ts';
import { styleFor } from '../style-for.ts';

export async function status(options: { readonly json: boolean }, world: World): Promise<number> {
  const host = world.host('');
  const manifest = await readManifest(host);
  if (manifest === 'unknown') {
    const hint = 'run `sudo vllmd status`, or `systemctl status "vllmd-runtime@*"`';
    throw new VllmdError('needsRoot', 'the record of the last install needs root to read', hint);
  }
  if (manifest === 'none') {
    const empty = { format_version: FORMAT_VERSION, generation: 0, runtimes: [], drifted: [] };
    world.stdout.write(
      options.json
        ? `${JSON.stringify(empty, undefined, 2)}\n`
        : 'vllmd has installed nothing here\n',
    );
    return exitCodes.ok;
  }
  const result = statusOf(manifest, await observe(host, [], manifest));
  world.stdout.write(
    options.json
      ? `${JSON.stringify(result, undefined, 2)}\n`
      : statusHuman(result, styleFor(world.stdout)),
  );
  return exitCodes.ok;
}
