/** Gives something a time in which it has to be done, and an end that may come before. */
export async function withDeadline<Value>(
  timeoutMs: number,
  ended: AbortSignal | undefined,
  use: (until: AbortSignal) => Promise<Value>,
): Promise<Value> {
  // Not AbortSignal.any: what it makes of a signal that lives for long is kept as long.
  const controller = new AbortController();
  const end = () => controller.abort(ended?.reason);
  const late = () => controller.abort(new DOMException('it took too long', 'TimeoutError'));
  const timer = setTimeout(late, timeoutMs);
  ended?.addEventListener('abort', end);
  if (ended?.aborted === true) end();
  try {
    return await use(controller.signal);
  } finally {
    clearTimeout(timer);
    ended?.removeEventListener('abort', end);
  }
}

/** Why no answer came, in words: what the library says by itself is `fetch failed`. */
export function reasonOf(error: Error, timeoutMs: number): string {
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs / 1000} s`;
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  const code: unknown = 'code' in cause ? cause.code : undefined;
  return cause.message === '' ? String(code) : cause.message;
}
