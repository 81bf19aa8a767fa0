import { visible } from '../core/control-characters.ts';
import { exitCodes } from '../core/failure.ts';
import type { PlanError, SelectPlan } from '../core/fleet/select-plan.ts';
import { fleetPlanErrorHuman, fleetPlanHuman } from '../core/report/fleet-select-human.ts';
import { fleetPlanErrorJson, fleetPlanJson } from '../core/report/fleet-select-json.ts';
import type { World } from '../host/world.ts';
import { styleFor } from './style-for.ts';
import { writeJson } from './write-json.ts';

type Showing = { readonly json: boolean; readonly isVerbose: boolean };

/** What would be done. */
export function showPlan(
  plan: SelectPlan,
  secrets: readonly string[],
  { json, isVerbose }: Showing,
  world: World,
): number {
  const style = styleFor(world.stdout);
  if (json) writeJson(fleetPlanJson(plan, secrets), world);
  else world.stdout.write(fleetPlanHuman(plan, { isVerbose, secrets, style }));
  return exitCodes.ok;
}

/** Tells what plans say besides before they are carried out, each thing once. */
export function warningsOn(world: World): (plan: SelectPlan) => void {
  const { yellow } = styleFor(world.stderr);
  const told = new Set<string>();
  return ({ warnings }) => {
    for (const text of warnings.filter((one) => !told.has(one))) {
      told.add(text);
      world.stderr.write(`${yellow('warning')}: ${visible(text)}\n`);
    }
  };
}

/** Why there is no plan. Nothing was touched. */
export function showPlanError(
  error: PlanError,
  { json }: Pick<Showing, 'json'>,
  world: World,
): number {
  if (json) writeJson(fleetPlanErrorJson(error), world);
  else world.stderr.write(fleetPlanErrorHuman(error, styleFor(world.stderr)));
  return exitCodes.preflight;
}
