import type { Diagnostic } from '../../diagnostic.ts';
import { type Entry, numberAt } from '../entries.ts';
import type { FleetRule } from './rule.ts';
import { wrong } from './tell.ts';

/** What a timer of the program can hold: above it one would be over at once. */
const LONGEST_MS = 2 ** 31 - 1;

type Span = {
  readonly path: readonly [string, string];
  readonly unit: 'seconds' | 'milliseconds';
};

const spans: readonly Span[] = [
  { path: ['health', 'timeout_sec'], unit: 'seconds' },
  { path: ['launch', 'probe_timeout_sec'], unit: 'seconds' },
  { path: ['launch', 'probe_interval_ms'], unit: 'milliseconds' },
];

/** A time limit is above zero; from one probe to the next there may be no time at all. */
export const timeSpan: FleetRule = {
  id: 'fleet-time-span',
  of: 'entry',
  check: ({ entries }) =>
    entries.flatMap((entry) => spans.flatMap((span) => problems(entry, span))),
};

function problems(entry: Entry, { path, unit }: Span): readonly Diagnostic[] {
  const found = numberAt(entry, ...path);
  if (found === undefined) return [];
  const { value, pointer } = found;
  const isLimit = unit === 'seconds';
  const most = isLimit ? Math.floor(LONGEST_MS / 1000) : LONGEST_MS;
  const isEnough = isLimit ? value > 0 : value >= 0;
  if (isEnough && value <= most) return [];
  const text = `${value} is no time that can be waited`;
  const help = `write ${unit}: ${isLimit ? 'more than 0' : '0 or more'}, at most ${most}`;
  return [wrong('fleet-time-span', pointer, text, help)];
}
