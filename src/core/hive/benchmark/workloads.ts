import type { JsonMap } from '../documents.ts';

const MAX_TOKENS = 120;

/** What is asked of a model to measure it, by the names that match requests use. */
export const workloads = {
  'chat.short_reasoning': [
    'A train leaves at 14:35 and travels for 2 hours and 50 minutes. When does it arrive? Answer with the time and one sentence of explanation.',
    'Anna is older than Ben, and Ben is older than Clara. Who is the youngest? Give the name and the reason in one sentence.',
  ],
  'chat.concise_support': [
    'A user cannot sign in since he has changed his password. Name the three things that he should check first, one short line each.',
    'Explain to a customer in two sentences how he can update an application that reports an outdated version.',
  ],
} as const;

/** The name of a workload that is built in. */
export type Workload = keyof typeof workloads;

/** All of them, in the order in which they are asked. */
export const workloadNames = [
  'chat.short_reasoning',
  'chat.concise_support',
] as const satisfies readonly Workload[];

/** One body per prompt of a workload, each for one plain call. */
export function workloadBodies(workload: Workload, model: string): readonly JsonMap[] {
  return workloads[workload].map((content) => ({
    model,
    messages: [{ role: 'user', content }],
    max_tokens: MAX_TOKENS,
  }));
}
