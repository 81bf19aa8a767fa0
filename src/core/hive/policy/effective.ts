import type { AssetDocument, RoleDocument, ServiceDocument } from '../documents.ts';
import { type EffectivePolicy, mergePolicies } from './merge.ts';
import { qwen3Policy, servesQwen3 } from './qwen3.ts';
import { targetAsset } from './target-asset.ts';

/** A request that has found its service. */
export type Routed = {
  readonly service: ServiceDocument;
  /** The role that was asked for, also where another one has found the service. */
  readonly role: RoleDocument | undefined;
  /** As the caller has named it. */
  readonly requested: string;
  readonly assets: ReadonlyMap<string, AssetDocument>;
};

/** What a chat request gets besides what its caller sends; undefined for other kinds and where nothing applies. */
export function effectivePolicy(routed: Routed): EffectivePolicy | undefined {
  const { service, role, requested, assets } = routed;
  if (service.kind !== 'chat') return undefined;
  return mergePolicies([
    servesQwen3(service, requested, assets) ? qwen3Policy : undefined,
    targetAsset(service, requested)?.request_policy,
    { system_prompt: role?.prompt_policy.system_prompt },
    role?.prompt_policy.request_policy,
  ]);
}
