import { serviceHeader } from '../answers/service-header.ts';
import type { ServiceDocument } from '../documents.ts';
import { targetAsset } from '../policy/target-asset.ts';
import type { Run } from './run-report.ts';
import type { RunAnswer } from './run-results.ts';
import type { Workload } from './workloads.ts';

/** One call through a registry. */
export type Call = RunAnswer & {
  readonly workload: Workload;
  /** As the answer names it; undefined where it names none. */
  readonly service: string | undefined;
};

type Known = {
  readonly model: string;
  readonly services: readonly ServiceDocument[];
  /** Whom a call counts for that names nobody. */
  readonly resolved: ServiceDocument;
};

/** Calls as one run per workload and service, in the order in which these came first. */
export function runsOfCalls(calls: readonly Call[], known: Known): readonly Run[] {
  const runs = new Map<string, Run>();
  for (const { workload, service, elapsedMs, body } of calls) {
    const served = servedBy(service, known);
    const key = `${workload}\n${served.serviceId}`;
    const { answers = [] } = runs.get(key) ?? {};
    runs.set(key, { ...served, workload, answers: [...answers, { elapsedMs, body }] });
  }
  return [...runs.values()];
}

type Served = Pick<Run, 'serviceId' | 'assetId'>;

function servedBy(named: string | undefined, { model, services, resolved }: Known): Served {
  if (named === undefined) return servedAs(resolved, model);
  const service = services.find(({ service_id }) => serviceHeader(service_id) === named);
  // Without one, it has come since somebody looked.
  return service === undefined ? { serviceId: named, assetId: null } : servedAs(service, model);
}

function servedAs(service: ServiceDocument, model: string): Served {
  const assetId = targetAsset(service, model)?.asset_id ?? null;
  return { serviceId: service.service_id, assetId };
}
