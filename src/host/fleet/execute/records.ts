import type { ActiveRecord } from '../../../core/fleet/active-record.ts';
import type { Execution } from '../../../core/fleet/execution/execution.ts';
import { recordedHost } from '../../../core/fleet/plan/recorded-host.ts';
import type { SelectPlan } from '../../../core/fleet/select-plan.ts';
import { instant } from '../../../core/instant.ts';

/** Of what a plan is about to start. */
export function newRecord(plan: SelectPlan, nowMs: number): ActiveRecord {
  const { model, backend, target, endpoint, fingerprint, variables } = plan;
  return {
    format_version: 1,
    model_id: model.id,
    backend_id: backend?.id ?? null,
    host_ids: [target.id],
    hosts: [recordedHost(target)],
    healthy: false,
    started_at: instant(nowMs),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...{ fingerprint, variables },
    processes: [],
  };
}

/** A runtime that may run or not. What is known to have ended is left out. */
export function unhealthy(record: ActiveRecord, stoppedHosts: ReadonlySet<string>): ActiveRecord {
  const processes = record.processes.filter(({ host_id }) => !stoppedHosts.has(host_id));
  return { ...record, healthy: false, processes };
}

/** What ran before, where it has been stopped on each of its hosts. */
export function stoppedOf(
  active: ActiveRecord | undefined,
  stoppedHosts: ReadonlySet<string>,
): Execution['stopped'] {
  if (active?.host_ids.every((id) => stoppedHosts.has(id)) !== true) return undefined;
  const { model_id, host_ids } = active;
  return { model_id, host_ids };
}

type Remains = {
  readonly active: ActiveRecord | undefined;
  readonly isTouched: boolean;
  readonly stoppedHosts: ReadonlySet<string>;
  /** What was started and may not have ended. */
  readonly started: ActiveRecord | undefined;
};

/** What is known after a failure: undefined where nothing runs. */
export function recordAfterFailure(remains: Remains): ActiveRecord | undefined {
  const { active, isTouched, stoppedHosts, started } = remains;
  if (started !== undefined) return { ...started, healthy: false };
  if (active === undefined || !isTouched) return active;
  const isStopped = active.host_ids.every((id) => stoppedHosts.has(id));
  return isStopped ? undefined : unhealthy(active, stoppedHosts);
}
