import { parseTimeSpan } from '../core/facts/time-span.ts';
import type { HostReader } from './host.ts';

/** For jobs of other units that this one waits for. */
const MARGIN_MS = 1_200_000;
/** Each command of a start and each step of a stop has the whole time of its unit. */
const COMMANDS = 10;
const DAY_MS = 86_400_000;
/** What a timer of Node can hold: 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * How long systemctl may take for a job of a unit: longer than systemd itself gives it, with what prepares a VM, so that
 * it is systemd that ends a job. An operator may have set any time, or none.
 */
export async function jobLimitMs(host: HostReader, unit: string): Promise<number> {
  const preparation = unit.replace(/^vllmd-runtime@/, 'vllmd-runtime-pre-start@');
  const properties = '--property=TimeoutStartUSec,TimeoutStopUSec';
  const units = new Set([unit, preparation]);
  const result = await host.query(['systemctl', 'show', properties, '--', ...units]);
  if (result.exitCode !== 0) return DAY_MS;
  const times = [...result.stdout.matchAll(/^Timeout\w+USec=(.+)$/gm)];
  const sum = times.reduce((total, [, text = '']) => total + (parseTimeSpan(text) ?? DAY_MS), 0);
  return Math.min(MARGIN_MS + COMMANDS * sum, LONGEST_MS);
}
