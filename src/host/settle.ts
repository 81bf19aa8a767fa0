import { isActive, type UnitState } from '../core/plan/observed.ts';
import type { HostReader } from './host.ts';
import { type Failure, failureOf, stateInWords } from './run-unit.ts';
import { lookAtUnits } from './systemctl.ts';

const INTERVAL_MS = 250;
/** Beyond the time to settle: that systemd is silent for a moment says nothing of a unit. */
const LOOKS_FOR_UNKNOWN = 8;

export type SettleOptions = {
  /** How long the units must go on running; 0 is one look. */
  readonly settleMs: number;
  readonly wait: (milliseconds: number) => Promise<void>;
};

/** Units that were started, and whether they stay up: a process may have died right after its start, or every second. */
export async function settle(
  units: readonly string[],
  host: HostReader,
  { settleMs, wait }: SettleOptions,
): Promise<readonly Failure[]> {
  if (units.length === 0) return [];
  const first = new Map<string, UnitState>();
  const look = async (): Promise<Seen> => {
    const { states } = await lookAtUnits(host, units);
    for (const [unit, state] of states) if (!first.has(unit)) first.set(unit, state);
    return {
      failed: units.flatMap((unit) => whatIsWrong(unit, first.get(unit), states.get(unit))),
      unknown: units.filter((unit) => !states.has(unit)),
    };
  };
  let seen = await look();
  for (const milliseconds of pausesOf(settleMs)) {
    if (seen.failed.length > 0) break;
    await wait(milliseconds);
    seen = await look();
  }
  for (let more = 0; more < LOOKS_FOR_UNKNOWN && isOpen(seen); more += 1) {
    await wait(INTERVAL_MS);
    seen = await look();
  }
  const found = seen.failed.length > 0 ? seen.failed : seen.unknown.map(notKnown);
  return Promise.all(found.map(({ unit, what }) => failureOf(unit, what, host)));
}

type Finding = { readonly unit: string; readonly what: string };

type Seen = { readonly failed: readonly Finding[]; readonly unknown: readonly string[] };

function isOpen({ failed, unknown }: Seen): boolean {
  return failed.length === 0 && unknown.length > 0;
}

function pausesOf(settleMs: number): readonly number[] {
  return Array.from({ length: Math.ceil(settleMs / INTERVAL_MS) }, (_, index) =>
    Math.min(INTERVAL_MS, settleMs - index * INTERVAL_MS),
  );
}

function notKnown(unit: string): Finding {
  return { unit, what: 'is not known to systemd' };
}

/** `running` is a service, `exited` one that only prepares something, `active` a target or a slice. */
const steady: ReadonlySet<string> = new Set(['running', 'exited', 'active']);

function whatIsWrong(
  unit: string,
  first: UnitState | undefined,
  now: UnitState | undefined,
): readonly Finding[] {
  if (now === undefined) return [];
  const isUp = isActive(now) && steady.has(now.subState);
  if (!isUp || (now.result ?? 'success') !== 'success') {
    return [{ unit, what: `did not stay up: ${stateInWords(now)}` }];
  }
  const isSame = now.restarts === first?.restarts && now.invocation === first?.invocation;
  return isSame ? [] : [{ unit, what: 'did not stay up: it was started again meanwhile' }];
}
