import { exitCodes } from '../core/failure.ts';
import { noChoices } from '../core/plan/choices.ts';
import { disarm, readPending } from '../host/transaction/confirm.ts';
import type { World } from '../host/world.ts';
import { carryOut } from './carry-out.ts';
import { prepareUnattended, rollbackTarget } from './prepare-rollback.ts';
import type { Session } from './session.ts';

/** Takes back an install that nobody has confirmed before the reboot. Only files: systemd starts the units after this. */
export async function rollbackAtBoot(session: Session, world: World): Promise<number> {
  const { host } = session;
  const pending = await readPending(host);
  if (pending === undefined) return exitCodes.ok;
  const target = await rollbackTarget(host, pending.rollbackTo);
  const prepared = await prepareUnattended(target, host, { calls: 'none', choices: noChoices });
  world.stderr.write(`not confirmed before the reboot: back to generation ${target.generation}\n`);
  const code = await carryOut(
    prepared,
    session,
    {
      json: false,
      source: undefined,
      config: target.config,
      settleMs: 0,
      allOrNothing: true,
      isOffline: true,
      isBoot: true,
    },
    world,
  );
  if (code !== exitCodes.ok) return code;
  await disarm(host);
  return code;
}
