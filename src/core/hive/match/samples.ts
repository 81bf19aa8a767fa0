import type { Catalogue } from '../catalogue.ts';
import type { BenchmarkSample } from '../documents.ts';
import type { RoutingView } from '../routing/view.ts';

type Samples = ReadonlyMap<string, readonly BenchmarkSample[]>;

const indexes = new WeakMap<Catalogue['benchmarks'], Samples>();

/** The measurements of a service that are not too old. */
export function samplesOf(
  serviceId: string,
  { catalogue: { benchmarks }, nowS, options: { benchmarkMaxAgeS: maxAgeS } }: RoutingView,
): readonly BenchmarkSample[] {
  const samples = indexOf(benchmarks).get(serviceId) ?? [];
  if (maxAgeS === undefined) return samples;
  return samples.filter(({ observed_at }) => nowS - observed_at <= maxAgeS);
}

function indexOf(benchmarks: Catalogue['benchmarks']): Samples {
  const known = indexes.get(benchmarks);
  if (known !== undefined) return known;
  const index = new Map<string, BenchmarkSample[]>();
  for (const sample of benchmarks.values()) {
    const list = index.get(sample.service_id);
    if (list === undefined) index.set(sample.service_id, [sample]);
    else list.push(sample);
  }
  indexes.set(benchmarks, index);
  return index;
}
