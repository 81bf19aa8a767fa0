import type { ActiveRecord } from '../active-record.ts';
import type { Target } from './fill.ts';
import { applyPartOf } from './fingerprint.ts';
import { isReachedAsBefore } from './recorded-host.ts';

/** Whether the target runs as it is to run, as far as the record says: a probe tells the rest. */
export function isRunning(
  active: ActiveRecord | undefined,
  target: Target,
  fingerprint: string,
): boolean {
  return (
    isBackendKept(active, target) &&
    active?.model_id === target.model.id &&
    active.host_ids.length === 1 &&
    active.fingerprint === fingerprint
  );
}

/** Whether the host of the target has the backend already. After a failure nobody knows: it may have been taken back. */
export function isBackendKept(
  active: ActiveRecord | undefined,
  { host, backend }: Target,
): boolean {
  return (
    active?.healthy === true &&
    active.backend_id === (backend?.id ?? null) &&
    active.host_ids.includes(host.id) &&
    isReachedAsBefore(active, host)
  );
}

/** Whether a backend of the same name is applied in another way now. A record that does not tell says no. */
export function isAppliedAnew(active: ActiveRecord | undefined, fingerprint: string): boolean {
  const before = applyPartOf(active?.fingerprint ?? '');
  return before !== undefined && before !== applyPartOf(fingerprint);
}
