import { type Answer, type Failure, failureOf } from './upstream.ts';

/** An answer of which the first bytes are here, so that nothing but its end can still go wrong. */
export type Opened =
  | {
      readonly kind: 'whole';
      readonly status: number;
      readonly contentType: string;
      readonly retryAfter: string | undefined;
      readonly body: Buffer;
    }
  | { readonly kind: 'stream'; readonly chunks: AsyncIterable<Buffer> };

/** Answers that are no streams are kept whole, and have to fit into memory. */
const LARGEST_ANSWER_BYTES = 64 * 1024 * 1024;

export async function openAnswer(answer: Answer, signal: AbortSignal): Promise<Opened | Failure> {
  try {
    return isEventStream(answer) ? await openStream(answer) : await readWhole(answer);
  } catch (error) {
    return failureOf(error, signal);
  }
}

function isEventStream({ status, contentType }: Answer): boolean {
  return status === 200 && /^text\/event-stream\b/i.test(contentType);
}

async function openStream({ body }: Answer): Promise<Opened> {
  const iterator: AsyncIterator<Buffer> = body[Symbol.asyncIterator]();
  const first = await iterator.next();
  return { kind: 'stream', chunks: continued(first, iterator) };
}

async function* continued(
  first: IteratorResult<Buffer>,
  iterator: AsyncIterator<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    for (let next = first; next.done !== true; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

async function readWhole(answer: Answer): Promise<Opened | Failure> {
  const { status, contentType, retryAfter } = answer;
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer.body as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > LARGEST_ANSWER_BYTES) {
      return { kind: 'unreachable' };
    }
    parts.push(part);
  }
  return { kind: 'whole', status, contentType, retryAfter, body: Buffer.concat(parts) };
}
