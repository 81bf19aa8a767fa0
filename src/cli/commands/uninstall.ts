import { exitCodes, VllmdError } from '../../core/failure.ts';
import { noChoices } from '../../core/plan/choices.ts';
import { planJson } from '../../core/report/plan-json.ts';
import { mustBeConfirmed } from '../../host/transaction/confirm.ts';
import type { World } from '../../host/world.ts';
import { carryOut } from '../carry-out.ts';
import { during, READING } from '../during.ts';
import { mustKeepProtected, obstacleOf, obstaclesBefore } from '../obstacles.ts';
import { type Prepared, prepareUninstall } from '../prepare.ts';
import { preview } from '../preview.ts';
import { exclusively } from '../session.ts';
import { withSudo } from '../with-sudo.ts';
import { writeJson } from '../write-json.ts';

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
    const host = world.host('');
    const before = await obstaclesBefore(() => mustBeConfirmed(host), { host }, world);
    const prepared = await during(world, READING, () => prepareUninstall(host, planning));
    if (before.length === 0 && isNothing(prepared, json, world)) return exitCodes.ok;
    const obstacles = [...before, ...(await obstacleOf(() => keepsProtected(prepared)))];
    await preview(prepared, { json, source: undefined, obstacles }, world);
    return exitCodes.ok;
  }
  return exclusively({ operation: 'uninstall', lockTimeout }, world, async (session) => {
    await mustBeConfirmed(session.host);
    const prepared = await during(world, READING, () => prepareUninstall(session.host, planning));
    const { manifest } = prepared;
    if (isNothing(prepared, json, world) || typeof manifest !== 'object') return exitCodes.ok;
    keepsProtected(prepared);
    return carryOut(
      prepared,
      session,
      {
        json,
        source: undefined,
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

function keepsProtected(prepared: Prepared): void {
  mustKeepProtected('uninstall', [], prepared);
}

function isNothing(prepared: Prepared, json: boolean, world: World): boolean {
  const { manifest } = prepared;
  if (manifest === 'unknown') {
    const hint = `run \`${withSudo(world)}\``;
    throw new VllmdError('needsRoot', 'the record of the last install needs root to read', hint);
  }
  if (manifest !== 'none') return false;
  if (json)
    writeJson(planJson(prepared.transaction.plan, { diagnostics: [], errored: false }), world);
  else world.stdout.write('vllmd has installed nothing here\n');
  return true;
}
