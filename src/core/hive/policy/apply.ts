import type { JsonMap } from '../documents.ts';
import { mergedUnder } from './deep-merge.ts';
import type { PartialPolicy } from './merge.ts';
import { withSystemPrompt } from './system-prompt.ts';

/** What a caller has sent, with a policy under it: what he has set himself stays. */
export function applyPolicy(body: JsonMap, policy: PartialPolicy | null | undefined): JsonMap {
  const filled = mergedUnder(body, policy?.body_defaults ?? {});
  const prompt = policy?.system_prompt ?? '';
  if (prompt === '') return filled;
  return withSystemPrompt(filled, prompt, policy?.system_prompt_position ?? 'prepend');
}
