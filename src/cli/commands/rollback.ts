import { exitCodes, VllmdError } from '../../core/failure.ts';
import type { PlanInput } from '../../core/plan/plan.ts';
import type { HostReader } from '../../host/host.ts';
import { disarm, type Pending, readPending } from '../../host/transaction/confirm.ts';
import type { World } from '../../host/world.ts';
import { carryOut } from '../carry-out.ts';
import { type ChoiceFlags, choicesOf } from '../choices-of.ts';
import { during, READING } from '../during.ts';
import { mustKeepProtected, obstacleOf, obstaclesBefore } from '../obstacles.ts';
import type { Prepared } from '../prepare.ts';
import {
  prepareRollback,
  prepareUnattended,
  type RollbackTarget,
  rollbackTarget,
} from '../prepare-rollback.ts';
import { preview } from '../preview.ts';
import { exclusively, type Session, settleTime } from '../session.ts';

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
  const { lockTimeout } = options;
  const settleMs = settleTime(options.settle);
  const generation = generationOf(options.generation, world);
  if (options.dryRun) return dryRun(generation, options, world);
  return exclusively({ operation: 'rollback', lockTimeout, settleMs }, world, async (session) => {
    const pending = await pendingOf(generation, session.host);
    if (isSettled(options, pending)) {
      world.notes.write('it has been confirmed meanwhile: nothing to roll back\n');
      return exitCodes.ok;
    }
    const target = await rollbackTarget(session.host, wanted(generation, options, pending));
    world.notes.write(`rolling back to generation ${target.generation}\n`);
    const code = await run(target, session, options, world);
    if (pending !== undefined && code === exitCodes.ok) await disarm(session.host);
    return code;
  });
}

async function dryRun(
  generation: number | undefined,
  options: RollbackOptions,
  world: World,
): Promise<number> {
  const host = world.host('');
  let pending: Pending | 'damaged' | undefined;
  const look = async () => {
    pending = await pendingOf(generation, host);
  };
  const before = await obstaclesBefore(look, { host }, world);
  const target = await rollbackTarget(host, wanted(generation, options, pending));
  const prepared = await during(world, READING, () =>
    prepareRollback(target, host, planning(options)),
  );
  const obstacles = [...before, ...(await obstacleOf(() => keepsProtected(target, prepared)))];
  await preview(prepared, { json: options.json, source: undefined, obstacles }, world);
  return exitCodes.ok;
}

/** A damaged one does not keep anybody from going where he says. */
async function pendingOf(
  generation: number | undefined,
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
  const first = await during(world, READING, () => prepareRollback(target, session.host, flags));
  const isAlone = options.unconfirmed !== undefined;
  if (!isAlone) keepsProtected(target, first);
  const prepared = isAlone ? await prepareUnattended(target, session.host, flags) : first;
  return carryOut(
    prepared,
    session,
    {
      json: options.json,
      source: undefined,
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

function generationOf(text: string | undefined, { layer }: World): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  const hint = `\`sudo ${layer.command} history\` lists the generations`;
  throw new VllmdError('usage', `rollback ${text}: not a generation`, hint);
}

/** Undefined for the one before. What waits for a word goes back to what was there before it. */
function wanted(
  generation: number | undefined,
  { unconfirmed }: RollbackOptions,
  pending: Pending | 'damaged' | undefined,
): number | undefined {
  const before = typeof pending === 'object' ? pending.rollbackTo : undefined;
  return unconfirmed === undefined ? (generation ?? before) : (before ?? generation);
}

function keepsProtected({ generation, runtimes }: RollbackTarget, prepared: Prepared): void {
  mustKeepProtected(`going back to generation ${generation}`, runtimes, prepared);
}
