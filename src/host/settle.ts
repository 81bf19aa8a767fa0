import { isActive, type UnitState } from '../core/plan/observed.ts';
import type { HostReader } from './host.ts';
import { type Failure, failureOf, stateInWords } from './run-unit.ts';
import { readUnits } from './systemctl.ts';

const INTERVAL_MS = 250;

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
  const first = await readUnits(host, units);
  let now = first;
  for (let waited = 0; ; waited += INTERVAL_MS) {
    const failed = units.flatMap((unit) => {
      const what = whatIsWrong(first.get(unit), now.get(unit));
      return what === undefined ? [] : [{ unit, what }];
    });
    if (failed.length > 0) {
      return Promise.all(failed.map(({ unit, what }) => failureOf(unit, what, host)));
    }
    if (waited >= settleMs) return [];
    await wait(Math.min(INTERVAL_MS, settleMs - waited));
    now = await readUnits(host, units);
  }
}

/** `running` is a service, `exited` one that only prepares something, `active` a target or a slice. */
const steady: ReadonlySet<string> = new Set(['running', 'exited', 'active']);

function whatIsWrong(first: UnitState | undefined, now: UnitState | undefined): string | undefined {
  if (now === undefined) return 'is not known to systemd';
  const isUp = isActive(now) && steady.has(now.subState);
  if (!isUp || (now.result ?? 'success') !== 'success') {
    return `did not stay up: ${stateInWords(now)}`;
  }
  const isSame = now.restarts === first?.restarts && now.invocation === first?.invocation;
  return isSame ? undefined : 'did not stay up: it was started again meanwhile';
}
