import { expect, test } from 'vitest';
import { type Catalogue, emptyCatalogue } from '../../../../src/core/hive/catalogue.ts';
import { register, type Step } from '../../../../src/core/hive/registry/nodes.ts';
import {
  putAssets,
  putBenchmarks,
  putHealth,
  removeAsset,
  setAvailability,
} from '../../../../src/core/hive/registry/records.ts';
import {
  assetDocument,
  benchmarkSample,
  healthSample,
  hostDocument,
  serviceDocument,
  serviceOf,
} from '../../../support/hive-samples.ts';

function after(step: Step): Catalogue {
  if (!step.ok) throw new Error(step.refusal.kind);
  return step.catalogue;
}

const services = [serviceDocument({ service_id: 'h1/chat/a' })];
const registered = after(
  register(emptyCatalogue, { ...hostDocument({ host_id: 'h1' }), services }, 100),
);

test('a measurement takes the place of the one with its id, as a whole', () => {
  const first = after(
    putBenchmarks(emptyCatalogue, [benchmarkSample({ asset_id: 'm', results: { a: 1 } })]),
  );
  const next = after(putBenchmarks(first, [benchmarkSample({ results: { b: 2 } })]));
  expect([...next.benchmarks.values()]).toEqual([
    benchmarkSample({ asset_id: null, results: { b: 2 } }),
  ]);
});

test('the latest sample is the one that counts for a service, in whatever order samples come', () => {
  const late = healthSample({ sample_id: '2', observed_at: 200, status: 'unhealthy' });
  const early = healthSample({ sample_id: '1', observed_at: 150 });
  const next = after(putHealth(registered, [late, early]));
  expect(serviceOf(next, 'h1/chat/a').sample).toEqual(late);
});

test('a service is known to be as it is since the first of the samples that say so', () => {
  const of = (status: string, observed_at: number) => {
    const sample_id = `hs_${observed_at}`;
    return healthSample({ target_id: 'h1/chat/a', sample_id, status, observed_at });
  };
  const ill = after(putHealth(registered, [of('healthy', 1), of('unhealthy', 2)]));
  expect(serviceOf(ill, 'h1/chat/a').statusSinceS).toBe(2);
  const stillIll = after(putHealth(ill, [of('unhealthy', 3)]));
  expect(serviceOf(stillIll, 'h1/chat/a').statusSinceS).toBe(2);
  const again = after(register(stillIll, { ...hostDocument({ host_id: 'h1' }), services }, 100));
  expect(serviceOf(again, 'h1/chat/a').statusSinceS).toBe(2);
  const well = after(putHealth(again, [of('healthy', 4)]));
  expect(serviceOf(well, 'h1/chat/a').statusSinceS).toBe(4);
});

test('a sample of a host, or of a service that nobody knows, changes no service', () => {
  const samples = [
    healthSample({ target_type: 'host', target_id: 'h1' }),
    healthSample({ target_id: 'nobody' }),
  ];
  const step = putHealth(registered, samples);
  expect(after(step).services).toEqual(registered.services);
  expect(step).toMatchObject({ changes: [{ kind: 'put-health' }, { kind: 'put-health' }] });
});

test('assets are put and taken away by their id', () => {
  const asset = assetDocument({});
  const put = after(putAssets(emptyCatalogue, [asset]));
  expect([...put.assets]).toEqual([['m', asset]]);
  expect(after(removeAsset(put, 'm')).assets.size).toBe(0);
});

test('the availability of a service that nobody knows cannot be set', () => {
  expect(setAvailability(registered, 'nobody', 'draining')).toEqual({
    ok: false,
    refusal: { kind: 'unknown-service', serviceId: 'nobody' },
  });
});
