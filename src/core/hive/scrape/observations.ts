import { engineMetrics } from './engine-metrics.ts';
import { type MetricSample, parsePrometheusText } from './prometheus-text.ts';

/** What the metrics of an engine say; null is unknown. */
export type Observations = {
  readonly queue_depth: number | null;
  readonly in_flight: number | null;
  readonly tokens_per_sec: number | null;
};

/** What one reading of the metrics gives. */
export type Scrape = {
  readonly observations: Observations;
  /** Tokens generated since the engine has started, for `generationRate`. */
  readonly generatedTokens: number | null;
};

/** The metrics of an inference server, whichever engine it has; undefined where it is none of the known ones. */
export function scrapeOf(text: string): Scrape | undefined {
  const samples = parsePrometheusText(text);
  const names = Object.values(engineMetrics).find((table) =>
    samples.some(({ name }) => name === table.inFlight || name === table.queueDepth),
  );
  if (names === undefined) return undefined;
  const rate = total(samples, names.tokensPerSec);
  return {
    observations: {
      queue_depth: wholeOf(total(samples, names.queueDepth)),
      in_flight: wholeOf(total(samples, names.inFlight)),
      // An engine that has nothing to do says 0, which is no measurement of its speed.
      tokens_per_sec: rate === 0 ? null : rate,
    },
    generatedTokens: total(samples, names.generatedTokens),
  };
}

/** Tokens per second between two scrapes; null where the engine was idle or has started again. */
export function generationRate(before: Scrape, after: Scrape, elapsedS: number): number | null {
  const [old, current] = [before.generatedTokens, after.generatedTokens];
  if (old === null || current === null || current <= old || elapsedS <= 0) return null;
  return (current - old) / elapsedS;
}

/** Labels of processes that share one piece of work and each report all of it. */
const SHARED_WORK: ReadonlySet<string> = new Set(['tp_rank', 'pp_rank', 'moe_ep_rank']);

/** A metric over all models and replicas of a server. */
function total(samples: readonly MetricSample[], wanted: string): number | null {
  const parts = new Map<string, number>();
  for (const { name, labels, value } of samples) {
    if (name !== wanted || !Number.isFinite(value) || value < 0) continue;
    const key = replicaOf(labels);
    parts.set(key, Math.max(parts.get(key) ?? 0, value));
  }
  return parts.size === 0 ? null : [...parts.values()].reduce((sum, part) => sum + part, 0);
}

function replicaOf(labels: ReadonlyMap<string, string>): string {
  return JSON.stringify([...labels].filter(([label]) => !SHARED_WORK.has(label)).toSorted());
}

function wholeOf(value: number | null): number | null {
  return value === null ? null : Math.round(value);
}
