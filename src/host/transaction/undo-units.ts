import { isActive, isStarting, type UnitState } from '../../core/plan/observed.ts';
import { isMemberUnit } from '../../core/resolve/member.ts';
import type { JournalUnit } from '../../core/transaction/journal.ts';
import type { Host } from '../host.ts';
import { runUnit } from '../run-unit.ts';
import { settle } from '../settle.ts';
import { readUnit, systemctl, type Wait } from '../systemctl.ts';

/** A step that an undo could not make, with the command that makes it, as it is to be typed. */
export type Remainder = {
  readonly what: string;
  readonly command?: string;
  /** The end of what the unit wrote to the journal. */
  readonly journal?: string;
};

/**
 * Stops what ran only for the new generation, what is between two states, and runtimes that were started anew: they may
 * hold a GPU of one that is to come back. The last one that was touched first.
 */
export async function standDown(
  units: readonly JournalUnit[],
  begun: ReadonlySet<number>,
  host: Host,
  wait: Wait,
): Promise<readonly Remainder[]> {
  const remaining: Remainder[] = [];
  for (const known of units.toReversed()) {
    const { unit } = known;
    const state = await readUnit(host, unit, wait);
    if (state.activeState === 'unknown') {
      const what = `systemd does not say whether ${unit} runs`;
      return [...remaining, { what, command: `sudo systemctl stop ${unit}` }];
    }
    if (isDown(state) || mayGoOn(known, state, begun.has(known.group))) continue;
    await systemctl(host, 'stop', unit);
    const after = await readUnit(host, unit, wait);
    if (after.activeState === 'failed') await systemctl(host, 'reset-failed', unit);
    if (after.activeState === 'failed' || isDown(after)) continue;
    const what = `${unit} does not stop: ${after.activeState} (${after.subState})`;
    remaining.push({ what, command: `sudo systemctl stop ${unit}` });
  }
  return remaining;
}

function mayGoOn(known: JournalUnit, state: UnitState, isBegun: boolean): boolean {
  if (!known.wasActive || !(isActive(state) || isStarting(state))) return false;
  return !isMemberUnit(known.unit) || isUntouched(known, state, isBegun);
}

/** Still the process of before. Where systemd tells no invocation, a group that has not begun has touched none. */
function isUntouched({ invocation }: JournalUnit, state: UnitState, isBegun: boolean): boolean {
  return invocation === '' ? !isBegun : state.invocation === invocation;
}

function isDown({ activeState }: UnitState): boolean {
  return activeState === 'inactive';
}

/** Starts what ran before and does not run as it did. GPUs and what is shared come before the runtimes. */
export async function bringBack(
  units: readonly JournalUnit[],
  begun: ReadonlySet<number>,
  host: Host,
  context: { readonly settleMs: number; readonly wait: Wait },
): Promise<readonly Remainder[]> {
  const started: string[] = [];
  // What prepares a VM comes and goes with it.
  const own = units.filter(({ unit }) => !unit.startsWith('vllmd-runtime-pre-start@'));
  for (const unit of own.filter(({ wasActive }) => wasActive).toSorted(byRank)) {
    const verb = await verbFor(unit, begun.has(unit.group), host, context.wait);
    if (verb === undefined) continue;
    const failure = await runUnit(verb, unit.unit, host);
    if (failure !== undefined) {
      const { message: what, journal } = failure;
      return [{ what, command: `sudo systemctl ${verb} ${unit.unit}`, journal }];
    }
    if (verb !== 'reload') started.push(unit.unit);
  }
  // It failed before, so nobody waits for it.
  for (const { unit } of own.filter(({ wasRetried }) => wasRetried === true)) {
    await host.run(['systemctl', 'start', '--no-block', '--', unit], NO_BLOCK_TIMEOUT_MS);
  }
  const failures = await settle(started, host, context);
  return failures.map(({ unit, message: what, journal }) => ({
    what,
    command: `sudo systemctl restart ${unit}`,
    journal,
  }));
}

const NO_BLOCK_TIMEOUT_MS = 60_000;

/** What brings a unit back to its old definition; undefined when it never left it. */
async function verbFor(
  known: JournalUnit,
  isBegun: boolean,
  host: Host,
  wait: Wait,
): Promise<'start' | 'restart' | 'reload' | undefined> {
  const { unit, verbs } = known;
  const state = await readUnit(host, unit, wait);
  if (!isActive(state)) return 'start';
  // A restart would take away what running VMs have: a GPU, pages.
  const isHeld = /^vllmd-(vfio@.*|hugepages)\.service$/.test(unit);
  if (isUntouched(known, state, isBegun)) {
    return verbs.includes('reload') && isBegun ? 'reload' : undefined;
  }
  if (isHeld) return 'reload';
  return unit.endsWith('.service') ? 'restart' : undefined;
}

function byRank(a: JournalUnit, b: JournalUnit): number {
  return rank(a.unit) - rank(b.unit);
}

function rank(unit: string): number {
  if (isMemberUnit(unit)) return 2;
  return unit.endsWith('.service') ? 1 : 3;
}
