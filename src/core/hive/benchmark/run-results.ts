import type { Json, JsonMap } from '../documents.ts';
import { isList, isMap } from '../policy/json-shape.ts';

/** What came of one call. */
export type RunAnswer = {
  readonly elapsedMs: number;
  /** Undefined where the call has failed. */
  readonly body: Json | undefined;
};

/** The results of a workload; a figure that no answer has is absent. */
export function runResults(answers: readonly RunAnswer[]): JsonMap {
  const answered = answers.filter(({ body }) => body !== undefined);
  const messages = answered.map(({ body }) => messageOf(body));
  const visible = messages.filter((message) => hasText(message, ['content']));
  const passed = messages.filter((message) =>
    hasText(message, ['content', 'reasoning_content', 'reasoning']),
  );
  const share = (count: number): number => (answers.length === 0 ? 0 : count / answers.length);
  const figures = (section: string, key: string): readonly number[] =>
    answered.flatMap(({ body }) => numberAt(body, section, key));
  return {
    case_count: answers.length,
    pass_rate: share(passed.length),
    response_rate: share(answered.length),
    empty_visible_response_rate: share(answered.length - visible.length),
    ...given('p50_latency_ms', median(answered.map(({ elapsedMs }) => elapsedMs))),
    ...given('ttft_ms', median(figures('timings', 'prompt_ms'))),
    ...given('tokens_per_sec', median(figures('timings', 'predicted_per_second'))),
    ...given('prompt_tokens', mean(figures('usage', 'prompt_tokens'))),
    ...given('completion_tokens', mean(figures('usage', 'completion_tokens'))),
  };
}

function messageOf(body: Json | undefined): JsonMap {
  const choices = isMap(body) ? body['choices'] : undefined;
  const choice = isList(choices) ? choices[0] : undefined;
  const message = isMap(choice) ? choice['message'] : undefined;
  return isMap(message) ? message : {};
}

function hasText(message: JsonMap, keys: readonly string[]): boolean {
  return keys.some((key) => {
    const value = message[key];
    return typeof value === 'string' && value.trim() !== '';
  });
}

function numberAt(body: Json | undefined, section: string, key: string): readonly number[] {
  const object = isMap(body) ? body[section] : undefined;
  const value = isMap(object) ? object[key] : undefined;
  return typeof value === 'number' && Number.isFinite(value) ? [value] : [];
}

function given(key: string, value: number | undefined): JsonMap {
  return value === undefined ? {} : { [key]: value };
}

/** The middle value; of an even number of values the mean of the two in the middle. */
function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((one, other) => one - other);
  const half = Math.floor(sorted.length / 2);
  return mean(sorted.slice(sorted.length % 2 === 0 ? Math.max(half - 1, 0) : half, half + 1));
}

function mean(values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
