import type { HealthSample, ServiceAsset, ServiceDocument } from '../documents.ts';
import { healthSampleOf } from '../scrape/health-sample.ts';
import { generationRate, type Scrape, scrapeOf } from '../scrape/observations.ts';
import { conditionOf, isLoading } from './condition.ts';
import { type ListedModel, listedModels } from './listed-models.ts';
import { goodText, type Reading, statusOf } from './reading.ts';

/** What is kept of a service from round to round. */
type Remembered = {
  /** What was said of it last. */
  readonly condition: string;
  readonly scrape: Scrape | undefined;
  readonly observedAt: number;
  /** The last one that was measured: an engine that is idle is no slower. */
  readonly tokensPerSec: number | null;
};

/** By the id of the service. */
export type Memory = ReadonlyMap<string, Remembered>;

export type Round = {
  readonly services: readonly ServiceDocument[];
  readonly samples: readonly HealthSample[];
  /** Lines about what has changed since the round before. */
  readonly said: readonly string[];
  readonly memory: Memory;
};

/** What one round of questions makes of the services that a host declares; each has a reading, by its id. */
export function roundOf(
  declared: readonly ServiceDocument[],
  readings: ReadonlyMap<string, Reading>,
  before: Memory,
): Round {
  const seen = declared.flatMap((service) => {
    const reading = readings.get(service.service_id);
    if (reading === undefined) return [];
    return [look(service, reading, before.get(service.service_id))];
  });
  return {
    services: seen.map(({ service }) => service),
    samples: seen.map(({ sample }) => sample),
    said: seen.flatMap(({ said }) => said),
    memory: new Map(seen.map(({ service, kept }) => [service.service_id, kept])),
  };
}

type Seen = {
  readonly service: ServiceDocument;
  readonly sample: HealthSample;
  readonly said: readonly string[];
  readonly kept: Remembered;
};

function look(service: ServiceDocument, reading: Reading, before: Remembered | undefined): Seen {
  const { service_id } = service;
  const { sampleId, observedAt, health, models, metrics } = reading;
  const scrape = scrapeOf(goodText(metrics) ?? '');
  const measured = scrape === undefined ? null : rateOf(scrape, observedAt, before);
  const observations =
    scrape === undefined ? undefined : { ...scrape.observations, tokens_per_sec: measured };
  const sample = healthSampleOf({
    ...{ sampleId, serviceId: service_id, observedAt, observations },
    ...{ health: statusOf(health), models: statusOf(models) },
  });
  const condition = conditionOf(sample, reading);
  const tokensPerSec = measured ?? before?.tokensPerSec ?? null;
  return {
    service: observed(service, { reading, sample, scrape, tokensPerSec }),
    sample,
    said: condition === before?.condition ? [] : [`${service_id}: ${condition}`],
    kept: { condition, scrape, observedAt, tokensPerSec },
  };
}

function rateOf(scrape: Scrape, nowS: number, before: Remembered | undefined): number | null {
  const said = scrape.observations.tokens_per_sec;
  if (said !== null || before?.scrape === undefined) return said;
  return generationRate(before.scrape, scrape, nowS - before.observedAt);
}

type Found = {
  readonly reading: Reading;
  readonly sample: HealthSample;
  readonly scrape: Scrape | undefined;
  readonly tokensPerSec: number | null;
};

function observed(
  service: ServiceDocument,
  { reading, sample, scrape, tokensPerSec }: Found,
): ServiceDocument {
  const isHealthy = sample.status === 'healthy';
  const models = listedModels(goodText(reading.models) ?? '');
  return {
    ...service,
    assets: service.assets.map((asset) => assetOf(asset, models, isHealthy)),
    state: {
      ...service.state,
      health: sample.status,
      load_state: loadState(isHealthy, reading),
    },
    observed: {
      ...service.observed,
      tokens_per_sec: tokensPerSec,
      queue_depth: scrape?.observations.queue_depth ?? null,
      in_flight: scrape?.observations.in_flight ?? null,
    },
  };
}

function loadState(isHealthy: boolean, { health }: Reading): string | null {
  if (isHealthy) return 'loaded';
  return isLoading(health) ? 'loading' : null;
}

function assetOf(
  asset: ServiceAsset,
  models: readonly ListedModel[],
  isHealthy: boolean,
): ServiceAsset {
  const model = models.find(({ names }) => names.includes(asset.asset_id));
  return {
    ...asset,
    loaded: isHealthy && model?.isLoaded !== false,
    max_context_tokens: model?.context ?? asset.max_context_tokens,
  };
}
