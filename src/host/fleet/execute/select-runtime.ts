import type { ActiveRecord } from '../../../core/fleet/active-record.ts';
import type { Execution } from '../../../core/fleet/execution/execution.ts';
import type { Selected } from '../../../core/fleet/plan/select.ts';
import type { PlanError, SelectPlan } from '../../../core/fleet/select-plan.ts';
import type { ExecuteContext } from './context.ts';
import { execute } from './execute.ts';

export type Selecting = {
  /** What would be done; forced: whatever runs is started again. */
  readonly planFor: (active: ActiveRecord | undefined, isForced: boolean) => Selected;
  readonly isForced: boolean;
  /** A plan that is about to be carried out. */
  readonly onPlan: (plan: SelectPlan) => void;
  readonly onReuseFailed: () => void;
};

export type SelectOutcome =
  | { readonly ok: false; readonly error: PlanError }
  | { readonly ok: true; readonly plan: SelectPlan; readonly execution: Execution };

/**
 * Has a model run: as it runs already, where it is healthy, else by what it takes to start it. One whose backend is not
 * verified is left alone: it may do its work all the same.
 */
export async function selectRuntime(
  { planFor, isForced, onPlan, onReuseFailed }: Selecting,
  context: ExecuteContext,
): Promise<SelectOutcome> {
  const first = planFor(context.active, isForced);
  if (!first.ok) return first;
  const { plan } = first;
  onPlan(plan);
  const reused = await execute(plan, context);
  const isUnhealthy = reused.failure?.step === 'probe_health' && reused.signal === undefined;
  if (!plan.isReuse || !isUnhealthy) return { ok: true, plan, execution: reused };
  onReuseFailed();
  // The record of before: what is stopped is what it says.
  const again = planFor(context.active, true);
  if (!again.ok) return again;
  onPlan(again.plan);
  const execution = await execute(again.plan, context);
  const steps = [...reused.steps, ...execution.steps];
  return { ok: true, plan: again.plan, execution: { ...execution, steps } };
}
