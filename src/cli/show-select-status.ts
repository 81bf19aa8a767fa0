import { visible, visibleLines } from '../core/control-characters.ts';
import { exitCodes } from '../core/failure.ts';
import type { ActiveRecord } from '../core/fleet/active-record.ts';
import { fleetStatusHuman, fleetStatusJson } from '../core/report/fleet-status.ts';
import type { Style } from '../core/report/style.ts';
import type { Health } from '../host/fleet/execute/probe-active.ts';
import type { FleetLockWork } from '../host/fleet/fleet-lock.ts';
import type { World } from '../host/world.ts';
import { styleFor } from './style-for.ts';
import { writeJson } from './write-json.ts';

type Known = {
  readonly active: ActiveRecord | undefined;
  /** undefined: no select is at work. */
  readonly work: FleetLockWork | undefined;
  /** undefined: it was not asked for. */
  readonly health: Health | undefined;
  readonly secrets: readonly string[];
};

/** What is known of the active runtime, and the exit code of what was asked. */
export function showSelectStatus(
  { active, work, health, secrets }: Known,
  { json }: { readonly json: boolean },
  world: World,
): number {
  const checked = health && { ...health, detail: visibleLines(health.detail) };
  const document = fleetStatusJson(active, secrets);
  if (json) {
    const isAtWork = document !== null && work !== undefined;
    writeStatus(isAtWork ? { ...document, in_progress: true } : document, checked, world);
  } else {
    const style = styleFor(world.stdout);
    world.stdout.write(
      fleetStatusHuman(active, style, startingIt(active, work)) + checkText(checked, style),
    );
  }
  return health?.ok === false ? exitCodes.runtime : exitCodes.ok;
}

/** `PID 812 is starting it since 2026-11-26T14:00:00Z`; undefined: nobody is. */
function startingIt(
  active: ActiveRecord | undefined,
  work: FleetLockWork | undefined,
): string | undefined {
  if (work === undefined) return undefined;
  const { holder } = work;
  if (holder === undefined || holder.model !== active?.model_id) {
    return 'a select is at work: it may run or not';
  }
  return `PID ${holder.pid} is starting it since ${visible(holder.since)}`;
}

function writeStatus(document: object | null, health: Health | undefined, world: World): void {
  if (document === null) {
    world.stdout.write('null\n');
    return;
  }
  const check = health?.ok === true ? { ok: true } : health;
  const isOk = health?.ok !== false;
  writeJson({ ...document, ok: isOk, ...(check === undefined ? {} : { check }) }, world);
}

function checkText(health: Health | undefined, { green, red }: Style): string {
  if (health === undefined) return '';
  return health.ok
    ? `  Check:     ${green('healthy')}\n`
    : `  Check:     ${red('not healthy')}, ${health.detail}\n`;
}
