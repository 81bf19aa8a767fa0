/** What came back for one question; `none`: no answer, and why. */
export type Reply =
  | { readonly kind: 'answer'; readonly status: number; readonly text: string }
  | { readonly kind: 'none'; readonly why: string };

/** What a service has answered to one round of questions. */
export type Reading = {
  readonly sampleId: string;
  /** Seconds since 1970. */
  readonly observedAt: number;
  /** Of `/health`. */
  readonly health: Reply;
  /** Of `/v1/models`. */
  readonly models: Reply;
  /** Of `/metrics`. */
  readonly metrics: Reply;
};

export function statusOf(reply: Reply): number | undefined {
  return reply.kind === 'answer' ? reply.status : undefined;
}

/** The text of an answer that is what was asked for. */
export function goodText(reply: Reply): string | undefined {
  return reply.kind === 'answer' && reply.status === 200 ? reply.text : undefined;
}
