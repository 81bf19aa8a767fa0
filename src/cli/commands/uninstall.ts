import { exitCodes, VllmdError } from '../../core/failure.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import type { World } from '../../host/world.ts';
import { carryOut, preview } from '../carry-out.ts';
import { prepareUninstall } from '../prepare.ts';
import { requireRoot } from './install.ts';

export type UninstallOptions = {
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly purgeData: boolean;
};

export async function uninstall(options: UninstallOptions, world: World): Promise<number> {
  if (!options.dryRun) requireRoot(world, 'uninstall');
  const host = world.host('');
  const prepared = await prepareUninstall(host, { purgeData: options.purgeData });
  if (prepared.manifest === 'unknown') {
    const hint = 'run `sudo vllmd uninstall --dry-run`';
    throw new VllmdError('needsRoot', 'the record of the last install needs root to read', hint);
  }
  if (prepared.manifest === 'none') {
    const empty = { format_version: FORMAT_VERSION, complete: true, changes: [], actions: [] };
    world.stdout.write(
      options.json ? `${JSON.stringify(empty)}\n` : 'vllmd has installed nothing here\n',
    );
    return exitCodes.ok;
  }
  const show = { json: options.json, source: undefined };
  if (options.dryRun) {
    await preview(prepared, show, world);
    return exitCodes.ok;
  }
  const { manifest } = prepared;
  const { version } = world;
  const context = { manifest, config: manifest.config, version, copies: prepared.copies };
  return carryOut(prepared, host, { ...show, context }, world);
}
