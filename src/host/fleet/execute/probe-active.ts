import type { ActiveRecord } from '../../../core/fleet/active-record.ts';
import type { SelectPlan } from '../../../core/fleet/select-plan.ts';
import type { HostAccess } from './host-access.ts';
import { whyEnded } from './probe.ts';
import { isGood, whyOf } from './run-command.ts';

export type Health = { readonly ok: boolean; readonly detail: string };

const PROBE_MS = 10_000;

/** Whether what runs answers now: one run of the probe of the plan that would start it. An answer counts while its process is there. */
export async function probeActive(
  { steps, target }: SelectPlan,
  { processes }: ActiveRecord,
  access: HostAccess,
): Promise<Health> {
  const probe = steps.find(({ kind }) => kind === 'probe_health');
  if (probe === undefined) return { ok: false, detail: 'it has no probe' };
  const process = processes.find(({ host_id }) => host_id === target.id);
  const ended = await whyEnded(target, process, { access });
  if (ended !== undefined) return { ok: false, detail: ended };
  const result = await access.run(target, probe, { timeoutMs: PROBE_MS });
  return isGood(result)
    ? { ok: true, detail: '' }
    : { ok: false, detail: whyOf(result, PROBE_MS / 1000) };
}
