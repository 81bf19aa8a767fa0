import { exitCodes, VllmdError } from '../../core/failure.ts';
import { noChoices } from '../../core/plan/choices.ts';
import { FORMAT_VERSION } from '../../core/report/format-version.ts';
import { mustBeConfirmed } from '../../host/transaction/confirm.ts';
import type { World } from '../../host/world.ts';
import { carryOut, preview } from '../carry-out.ts';
import { type Prepared, prepareUninstall } from '../prepare.ts';
import { exclusively, warnIfBusy } from '../session.ts';

export type UninstallOptions = {
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly purgeData: boolean;
  readonly overwriteDrift?: readonly string[] | undefined;
  readonly lockTimeout?: string | undefined;
};

export async function uninstall(options: UninstallOptions, world: World): Promise<number> {
  const { json, lockTimeout } = options;
  const choices = { ...noChoices, overwriteDrift: options.overwriteDrift ?? [] };
  const planning = { purgeData: options.purgeData, choices };
  if (options.dryRun) {
    await warnIfBusy(world);
    const prepared = await prepareUninstall(world.host(''), planning);
    if (isNothing(prepared, json, world)) return exitCodes.ok;
    await preview(prepared, { json, source: undefined }, world);
    return exitCodes.ok;
  }
  return exclusively({ operation: 'uninstall', lockTimeout }, world, async (session) => {
    await mustBeConfirmed(session.host);
    const prepared = await prepareUninstall(session.host, planning);
    const { manifest } = prepared;
    if (isNothing(prepared, json, world) || typeof manifest !== 'object') return exitCodes.ok;
    return carryOut(
      prepared,
      session,
      {
        json,
        source: undefined,
        operation: 'uninstall',
        config: manifest.config,
        settleMs: 0,
        allOrNothing: true,
        isOffline: false,
        sentence: () => 'what vllmd has installed is removed',
      },
      world,
    );
  });
}

function isNothing({ manifest }: Prepared, json: boolean, world: World): boolean {
  if (manifest === 'unknown') {
    const hint = 'run `sudo vllmd uninstall --dry-run`';
    throw new VllmdError('needsRoot', 'the record of the last install needs root to read', hint);
  }
  if (manifest !== 'none') return false;
  const empty = { format_version: FORMAT_VERSION, complete: true, changes: [], actions: [] };
  world.stdout.write(json ? `${JSON.stringify(empty)}\n` : 'vllmd has installed nothing here\n');
  return true;
}
