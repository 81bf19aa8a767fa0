import type { Catalogue } from '../catalogue.ts';
import type { Json, ServiceRow } from '../documents.ts';

/** How many tokens a service can take; what its models were trained for where it does not say. Undefined: nobody knows. */
export function knownContext(
  { runtime, observed, assets }: ServiceRow,
  catalogue: Catalogue,
): number | undefined {
  const said = [
    runtime['context_size'],
    observed.max_context_tokens,
    ...assets.flatMap(({ context_size, max_context_tokens }) => [context_size, max_context_tokens]),
  ];
  const trained = assets.map(({ asset_id }) => {
    return catalogue.assets.get(asset_id)?.metadata['ctx_train'];
  });
  return largest(said) ?? largest(trained);
}

/** Engines say 0 for a default that they do not name. */
function largest(values: readonly (Json | undefined)[]): number | undefined {
  const known = values.filter((value) => typeof value === 'number').filter((value) => value > 0);
  return known.length === 0 ? undefined : Math.max(...known);
}
