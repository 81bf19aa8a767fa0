/** What became of one look at whether an instance is healthy. */
export type HealthAnswer =
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'none'; readonly why: string };

const OK = 200;
const LOADING = 503;

/** That it can be connected to says nothing: it listens before its model is loaded. */
export function isHealthy(answer: HealthAnswer): boolean {
  return answer.kind === 'status' && answer.status === OK;
}

/** What an instance that is not healthy said last. */
export function answerInWords(answer: HealthAnswer): string {
  if (answer.kind === 'none') return `it does not answer: ${answer.why}`;
  return answer.status === LOADING
    ? 'it is still loading its model'
    : `it answers with status ${answer.status}`;
}

const SOONEST_MS = 200;
const LATEST_MS = 1000;

/** When to look again: often at the beginning, less often at a model that takes minutes. */
export function nextLookMs(passedMs: number): number {
  return Math.min(LATEST_MS, Math.max(SOONEST_MS, Math.round(passedMs / 10)));
}
