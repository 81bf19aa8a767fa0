import { posix } from 'node:path';
import type { LlamaInstance, ModelSource } from '../../llama/instance.ts';
import { modelStem } from '../../llama/shards.ts';
import type { AssetDocument, Kind } from '../documents.ts';

/** What clients call the model of an instance, which answers to each of its aliases; a router's models are not known. */
export function assetIdsOf({ name, serves }: LlamaInstance): readonly string[] {
  const { isRouter, aliases, source } = serves;
  if (isRouter) return [];
  if (aliases.length > 0) return aliases;
  return [source === undefined ? name : nameOf(source) || name];
}

/** A document for each name; none where nothing tells what is behind it. */
export function assetsOf(instance: LlamaInstance, operation: Kind): readonly AssetDocument[] {
  const { source } = instance.serves;
  if (source === undefined) return [];
  const quant = quantOf(source);
  return assetIdsOf(instance).map((asset_id) => ({
    ...{ asset_id, family: null, modality: 'text', operation, format: 'gguf' },
    locator: source,
    metadata: quant === undefined ? {} : { quant },
  }));
}

function nameOf({ kind, value }: ModelSource): string {
  return kind === 'path' || kind === 'url' ? modelStem(posix.basename(value)) : value;
}

const QUANT =
  /(?:^|[-._:])((?:I?Q[1-8]|TQ[12])_(?:K(?:_(?:XXS|XS|S|M|L|XL|XXL))?|[01]|XXS|XS|S|M|NL)|BF16|F16|F32|MXFP4)$/i;

/** As the usual file names end, and the tags of repositories: `Q4_K_M`. */
function quantOf(source: ModelSource): string | undefined {
  return QUANT.exec(nameOf(source))?.[1]?.toUpperCase();
}
