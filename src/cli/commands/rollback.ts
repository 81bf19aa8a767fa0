import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { PlanInput } from '../../core/plan/plan.ts';
import type { HostReader } from '../../host/host.ts';
import { disarm, type Pending, readPending } from '../../host/transaction/confirm.ts';
import type { World } from '../../host/world.ts';
import { carryOut, preview } from '../carry-out.ts';
import { type ChoiceFlags, choicesOf } from '../choices-of.ts';
import {
  mustKeepProtected,
  prepareRollback,
  prepareUnattended,
  type RollbackTarget,
  rollbackTarget,
} from '../prepare-rollback.ts';
import { exclusively, type Session, settleTime, warnIfBusy } from '../session.ts';

export type RollbackOptions = ChoiceFlags & {
  readonly generation?: string | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly start: boolean;
  readonly restart: boolean;
  readonly retryFailed: boolean;
  readonly allOrNothing: boolean;
  readonly settle: string;
  /** Called by the timer of `install --confirm-within`, for the generation that it has installed. */
  readonly unconfirmed?: number | undefined;
  readonly lockTimeout?: string | undefined;
};

export async function rollback(options: RollbackOptions, world: World): Promise<number> {
  const { json, lockTimeout } = options;
  const settleMs = settleTime(options.settle);
  const generation = generationOf(options.generation);
  if (options.dryRun) {
    await warnIfBusy(world);
    const host = world.host('');
    const target = await rollbackTarget(host, await wanted(options.unconfirmed, generation, host));
    const prepared = await prepareRollback(target, host, planning(options));
    await preview(prepared, { json, source: undefined }, world);
    return exitCodes.ok;
  }
  return exclusively({ operation: 'rollback', lockTimeout, settleMs }, world, async (session) => {
    const pending = await pendingOf(options, session.host);
    if (isSettled(options, pending)) {
      world.stderr.write('it has been confirmed meanwhile: nothing to roll back\n');
      return exitCodes.ok;
    }
    const target = await rollbackTarget(
      session.host,
      await wanted(options.unconfirmed, generation, session.host),
    );
    world.stderr.write(`rolling back to generation ${target.generation}\n`);
    const code = await run(target, session, options, world);
    if (pending !== undefined && code === exitCodes.ok) await disarm(session.host);
    return code;
  });
}

/** A damaged one does not keep anybody from going where he says. */
async function pendingOf(
  { generation }: RollbackOptions,
  host: HostReader,
): Promise<Pending | 'damaged' | undefined> {
  try {
    return await readPending(host);
  } catch (error) {
    if (generation === undefined || !(error instanceof VllmdError)) throw error;
    return 'damaged';
  }
}

/** Whether the generation that a timer was set for does not wait any more. */
function isSettled(
  { unconfirmed }: RollbackOptions,
  pending: Pending | 'damaged' | undefined,
): boolean {
  if (unconfirmed === undefined || pending === 'damaged') return false;
  return pending?.generation !== unconfirmed;
}

async function run(
  target: RollbackTarget,
  session: Session,
  options: RollbackOptions,
  world: World,
): Promise<number> {
  const flags = planning(options);
  const first = await prepareRollback(target, session.host, flags);
  const isAlone = options.unconfirmed !== undefined;
  if (!isAlone) mustKeepProtected(target, first);
  const prepared = isAlone ? await prepareUnattended(target, session.host, flags) : first;
  return carryOut(
    prepared,
    session,
    {
      json: options.json,
      source: undefined,
      operation: 'rollback',
      config: target.config,
      settleMs: settleTime(options.settle),
      allOrNothing: options.allOrNothing,
      isOffline: false,
      sentence: (now) =>
        target.generation === 0
          ? 'what vllmd has installed is removed'
          : `generation ${now} is in place, as generation ${target.generation} was`,
    },
    world,
  );
}

function planning(options: RollbackOptions) {
  const calls: PlanInput['calls'] = options.start ? 'all' : 'no-start';
  const { retryFailed, restart } = options;
  return { calls, retryFailed, noRestart: !restart, choices: choicesOf(options) };
}

function generationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const hint = '`vllmd history` lists the generations';
  throw new VllmdError('usage', `rollback ${text}: not a generation`, hint);
}

/** The generation to go back to; undefined for the one before. */
async function wanted(
  unconfirmed: number | undefined,
  generation: number | undefined,
  host: HostReader,
): Promise<number | undefined> {
  const pending = unconfirmed === undefined ? undefined : await readPending(host);
  return pending?.rollbackTo ?? generation;
}
