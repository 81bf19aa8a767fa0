import { exitCodes } from '../../core/failure.ts';
import type { ActiveRecord } from '../../core/fleet/active-record.ts';
import { hostAsRecorded } from '../../core/fleet/plan/recorded-host.ts';
import { planSelection } from '../../core/fleet/plan/select.ts';
import { secretsOf } from '../../core/fleet/redact.ts';
import { activeStateIn } from '../../host/fleet/active-state.ts';
import { accessWithoutSecrets } from '../../host/fleet/execute/access-without-secrets.ts';
import { hostAccess } from '../../host/fleet/execute/host-access.ts';
import { type Health, probeActive } from '../../host/fleet/execute/probe-active.ts';
import { fleetLockHolder } from '../../host/fleet/fleet-lock.ts';
import { fleetStateDirectory } from '../../host/fleet/state-directory.ts';
import type { World } from '../../host/world.ts';
import { during } from '../during.ts';
import { type FleetOptions, loadFleetToUse } from '../fleet-file.ts';
import { transportTo } from '../run-on-host.ts';
import { showSelectStatus } from '../show-select-status.ts';
import { styleFor } from '../style-for.ts';

export type SelectStatusOptions = FleetOptions & { readonly check: boolean };

/** Shows what runs, as far as it is known, and with --check whether it is healthy. */
export async function selectStatus(options: SelectStatusOptions, world: World): Promise<number> {
  const directory = fleetStateDirectory(world.env);
  const work = await fleetLockHolder(directory);
  if (work !== undefined) warnOf(work.text, world);
  const active = activeStateIn(directory, world.uid).read();
  if (active === undefined || !options.check) {
    return showSelectStatus({ active, work, health: undefined, secrets: [] }, options, world);
  }
  const loaded = await loadFleetToUse(options, world);
  if (loaded === undefined) return exitCodes.config;
  const { file } = loaded;
  const request = { ...pairOf(active), modelId: active.model_id, isForced: true };
  const selected = planSelection({ file, request, active: undefined });
  const health: Health = selected.ok
    ? await during(world, `probing ${active.model_id}`, () =>
        probeActive(
          { ...selected.plan, target: hostAsRecorded(active, selected.plan.target) },
          active,
          accessWithoutSecrets(
            hostAccess((host) => transportTo(host, world)),
            secretsOf(file),
          ),
        ),
      )
    : { ok: false, detail: `the file says no more how it is probed: ${selected.error.reason}` };
  return showSelectStatus({ active, work, health, secrets: secretsOf(file) }, options, world);
}

function warnOf(who: string, world: World): void {
  const { yellow } = styleFor(world.stderr);
  const text = `${who}, is at work: what follows may be out of date`;
  world.stderr.write(`${yellow('warning')}: ${text}\n`);
}

/** Where it runs and with what, whatever would be chosen now. */
function pairOf({ host_ids: [hostId], backend_id: backendId }: ActiveRecord) {
  return { hostId, ...(backendId === null ? {} : { backendId }) };
}
