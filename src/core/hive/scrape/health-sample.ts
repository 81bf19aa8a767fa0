import type { HealthSample } from '../documents.ts';
import type { Observations } from './observations.ts';

/** What a service has answered to one round of questions. */
export type Probe = {
  readonly sampleId: string;
  readonly serviceId: string;
  /** Seconds since 1970. */
  readonly observedAt: number;
  /** Status of `/health`; undefined where no answer came. */
  readonly health: number | undefined;
  /** Status of `/v1/models`; undefined where no answer came or it was not asked. */
  readonly models: number | undefined;
  readonly observations: Observations | undefined;
};

/** What was seen of a service, as the registry keeps it. */
export function healthSampleOf(probe: Probe): HealthSample {
  const { sampleId, serviceId, observedAt, health, models, observations } = probe;
  return {
    sample_id: sampleId,
    target_type: 'service',
    target_id: serviceId,
    observed_at: observedAt,
    status: isHealthy(health, models) ? 'healthy' : 'unhealthy',
    checks: {
      http_ok: isHealthy(health, models),
      models_ok: models === undefined ? null : isGood(models),
      auth_ok: authOf([health, models]),
    },
    metrics: { ...observations },
  };
}

/** Whether the status of `/health` says nothing, so that `/v1/models` decides. */
function hasNoHealthPath(health: number | undefined): boolean {
  return health === 404 || health === 405;
}

function isHealthy(health: number | undefined, models: number | undefined): boolean {
  return isGood(hasNoHealthPath(health) ? models : health);
}

function isGood(status: number | undefined): boolean {
  return status !== undefined && status < 400;
}

/** Null where no answer came, which tells nothing about keys. */
function authOf(statuses: readonly (number | undefined)[]): boolean | null {
  const answered = statuses.filter((status) => status !== undefined);
  if (answered.length === 0) return null;
  return !answered.some((status) => status === 401 || status === 403);
}
