import type { SelectPlan } from '../select-plan.ts';
import type { Execution } from './execution.ts';

/** What to do where a runtime was to be left as it is and its backend is not verified; undefined: it is not that. */
export function unverifiedHint(
  { isReuse, model, backend, target }: SelectPlan,
  { failure, signal }: Execution,
): string | undefined {
  if (!isReuse || failure?.step !== 'verify_backend' || signal !== undefined) return undefined;
  const applies = backend?.apply_cmd === undefined ? '' : `applies backend ${backend.id} `;
  return [
    `${model.id} was not touched: by its record it still runs on ${target.id}`,
    `--restart stops it, ${applies}and starts it again`,
  ].join('\n');
}
