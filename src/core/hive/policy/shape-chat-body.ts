import type { JsonMap } from '../documents.ts';
import { applyPolicy } from './apply.ts';
import { effectivePolicy, type Routed } from './effective.ts';
import { upstreamModel } from './target-asset.ts';
import { withUserTemplate } from './user-template.ts';

/** The body of a chat request as its service gets it. */
export function shapeChatBody(body: JsonMap, routed: Routed): JsonMap {
  const { service, role, requested } = routed;
  const asked = withUserTemplate(body, role?.prompt_policy.user_template ?? null);
  const shaped = applyPolicy(asked, effectivePolicy(routed));
  // Last, since no default may send the request to another model.
  return { ...shaped, model: upstreamModel(service, requested) };
}
