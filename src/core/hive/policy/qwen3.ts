import type { AssetDocument, ServiceDocument } from '../documents.ts';
import type { PartialPolicy } from './merge.ts';

/** What Qwen3 models get: they think by default, which few callers expect. */
export const qwen3Policy: PartialPolicy = {
  body_defaults: { chat_template_kwargs: { enable_thinking: false } },
};

/** Whether a text begins with the name of the family, however it is written. */
export function looksLikeQwen3(text: string): boolean {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .startsWith('qwen3');
}

/** The same of the name of a model, before which its owner may stand. */
export function isQwen3Model(name: string): boolean {
  return looksLikeQwen3(name) || looksLikeQwen3(name.slice(name.lastIndexOf('/') + 1));
}

/** Whether a request to a service is taken for one to a Qwen3 model. */
export function servesQwen3(
  service: ServiceDocument,
  requested: string,
  assets: ReadonlyMap<string, AssetDocument>,
): boolean {
  // The last part of a service's id is free text: it does not name a model.
  if (looksLikeQwen3(service.service_id)) return true;
  if (requested !== service.service_id && isQwen3Model(requested)) return true;
  return service.assets.some(
    ({ asset_id: id }) => isQwen3Model(id) || isQwen3Model(assets.get(id)?.family ?? ''),
  );
}
