import type { JsonMap, PromptPosition, RequestPolicy } from '../documents.ts';
import { mergedUnder } from './deep-merge.ts';

/** A policy of which any part may be missing. */
export type PartialPolicy = {
  readonly [Key in keyof RequestPolicy]?: RequestPolicy[Key] | null | undefined;
};

/** What is left of all policies, as it is shown: it has only the keys that do something. */
export type EffectivePolicy = {
  readonly body_defaults?: JsonMap;
  readonly system_prompt?: string;
  readonly system_prompt_position?: PromptPosition;
};

/** One policy out of many, of which a later one wins; undefined where they do nothing. */
export function mergePolicies(
  policies: readonly (PartialPolicy | null | undefined)[],
): EffectivePolicy | undefined {
  const defaults = policies.reduce<JsonMap>(
    (under, policy) => mergedUnder(policy?.body_defaults ?? {}, under),
    {},
  );
  const prompting = policies.findLast((policy) => hasPrompt(policy));
  const merged: EffectivePolicy = {
    ...(Object.keys(defaults).length === 0 ? {} : { body_defaults: defaults }),
    ...promptOf(prompting),
  };
  return Object.keys(merged).length === 0 ? undefined : merged;
}

function hasPrompt(policy: PartialPolicy | null | undefined): boolean {
  return (policy?.system_prompt ?? '') !== '';
}

/** Prompt and position go together: a position by itself belongs to no prompt. */
function promptOf(policy: PartialPolicy | null | undefined): EffectivePolicy {
  if (typeof policy?.system_prompt !== 'string') return {};
  return {
    system_prompt: policy.system_prompt,
    system_prompt_position: policy.system_prompt_position ?? 'prepend',
  };
}
