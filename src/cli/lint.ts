import { visible } from '../core/control-characters.ts';
import { VllmdError } from '../core/failure.ts';
import type { Host } from '../host/host.ts';
import { lintUnits } from '../host/lint-units.ts';
import { readDropInsOf } from '../host/read-drop-ins.ts';
import type { World } from '../host/world.ts';
import { unitsToCheck } from './expectations.ts';
import type { Prepared } from './prepare.ts';

/** systemd ignores what it does not understand: it is asked before anything is written. */
export async function lint(
  prepared: Prepared,
  host: Host,
  { stderr }: Pick<World, 'stderr'>,
): Promise<void> {
  const units = unitsToCheck(prepared);
  const dropIns = await readDropInsOf(host, units);
  const result = await lintUnits(host, { artefacts: prepared.artefacts, units, dropIns });
  if (result === undefined) return;
  for (const line of result.warnings) stderr.write(`warning: ${visible(line)}\n`);
  if (result.problems.length > 0) {
    throw new VllmdError(
      'config',
      `nothing was changed: systemd does not understand the units: ${result.problems.join('; ')}`,
      'this is a value of the config that fits no unit, or a bug in vllmd',
    );
  }
  if (result.refusals.length > 0) {
    throw new VllmdError(
      'config',
      `nothing was changed: with your drop-ins systemd would not start units: ${result.refusals.join('; ')}`,
      'repair or remove these drop-ins (`sudo systemctl edit UNIT`), then install again',
    );
  }
}
