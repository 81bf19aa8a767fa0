import { isJsonObject, ownValue } from '../../fleet/json-value.ts';
import type { Loc, Tell } from './problem.ts';

/** A service is one of its id in all hosts, so also in one. */
export function checkServiceIds(value: unknown, loc: Loc, tell: Tell): void {
  const first = new Map<string, number>();
  for (const [index, item] of itemsOf(value).entries()) {
    const id = isJsonObject(item) ? ownValue(item, 'service_id') : undefined;
    if (typeof id !== 'string') continue;
    const earlier = first.get(id);
    if (earlier === undefined) first.set(id, index);
    else {
      const msg = `Input should be another id than that of service ${earlier} of the list`;
      tell({ type: 'value_error', loc: [...loc, index, 'service_id'], msg, input: id });
    }
  }
}

const NO_TIME =
  'Benchmark report sample is missing observed_at and report has no default observed_at.';

/** A sample has a time, or gets that of its report. */
export function checkReportTimes(value: unknown, loc: Loc, tell: Tell): void {
  if (!isJsonObject(value) || ownValue(value, 'observed_at') !== undefined) return;
  for (const [index, item] of itemsOf(ownValue(value, 'samples')).entries()) {
    if (isJsonObject(item) && ownValue(item, 'observed_at') === undefined) {
      const at = [...loc, 'samples', index, 'observed_at'];
      tell({ type: 'value_error', loc: at, msg: NO_TIME, input: item });
    }
  }
}

function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
