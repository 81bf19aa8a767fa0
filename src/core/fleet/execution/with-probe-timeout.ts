import type { Selected } from '../plan/select.ts';

/** The same plan with another time for what is probed until it is healthy; undefined leaves it. */
export function withProbeTimeout(selected: Selected, timeoutMs: number | undefined): Selected {
  if (!selected.ok || timeoutMs === undefined) return selected;
  const { plan } = selected;
  const steps = plan.steps.map((step) =>
    step.kind === 'probe_health' ? { ...step, timeoutSec: timeoutMs / 1000 } : step,
  );
  return { ok: true, plan: { ...plan, steps } };
}
