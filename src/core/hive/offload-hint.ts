import type { Kind } from './documents.ts';

/** What small tasks may be given away for, by how fast the target is. */
export type OffloadHint = {
  readonly operation: Kind;
  readonly suitability: Suitability;
  readonly recommended_for: string;
  readonly inference_basis: Basis;
};

type Basis = {
  readonly loaded_target_count: number;
  readonly best_p50_latency_ms: number | null;
};

type Suitability =
  | 'cold_only'
  | 'good_for_low_complexity'
  | 'usable_for_background_tasks'
  | 'available_but_slow';

const GOOD_MS = 1500;
const USABLE_MS = 4000;

/** The hint of a model entry. */
export function offloadHint(operation: Kind, basis: Basis): OffloadHint {
  const what = operation === 'chat' ? 'lower-complexity' : operation;
  return {
    operation,
    suitability: suitabilityOf(basis),
    recommended_for: `${what} offload`,
    inference_basis: basis,
  };
}

function suitabilityOf({ loaded_target_count, best_p50_latency_ms: p50 }: Basis): Suitability {
  if (loaded_target_count <= 0) return 'cold_only';
  if (p50 === null || p50 > USABLE_MS) return 'available_but_slow';
  return p50 <= GOOD_MS ? 'good_for_low_complexity' : 'usable_for_background_tasks';
}
