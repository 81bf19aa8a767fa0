import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { errorAnswer, errorEvent } from '../../../../core/hive/answers/error-envelope.ts';
import { sseChunk, sseEnd, sseStart } from '../../../../core/hive/answers/sse-lines.ts';
import { CLIENT_IS_GONE } from './client-is-gone.ts';

/** A client that takes nothing for so long is gone. */
const IDLE_CLIENT_MS = 600_000;

/** Passes the events of a service on, line by line, without what a model thinks. Returns the status for those who count. */
export async function deliverStream(
  chunks: AsyncIterable<Buffer>,
  reply: FastifyReply,
  headers: Readonly<Record<string, string>>,
): Promise<number> {
  reply.hijack();
  const { raw } = reply;
  raw.setTimeout(IDLE_CLIENT_MS, () => raw.destroy());
  raw.writeHead(200, {
    ...headers,
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'x-accel-buffering': 'no',
  });
  try {
    await pass(chunks, raw);
    raw.end();
    return 200;
  } catch {
    // Whatever it was, the client has to know that this is not all of it.
    if (raw.destroyed) return CLIENT_IS_GONE;
    raw.end(errorEvent(errorAnswer({ kind: 'broken_off' }, 'chat').body));
    return 502;
  }
}

/** A model writes a few words an event; whoever sends this much in one line would fill the memory. */
const LONGEST_LINE = 16 * 1024 * 1024;

async function pass(chunks: AsyncIterable<Buffer>, raw: ServerResponse): Promise<void> {
  const decoder = new TextDecoder();
  let state = sseStart;
  for await (const chunk of chunks) {
    const step = sseChunk(state, decoder.decode(chunk, { stream: true }), LONGEST_LINE);
    await write(step.output, raw);
    if (step.kind === 'line_too_long') throw new Error('a line of the service is too long');
    state = step.state;
  }
  await write(sseEnd(state).output, raw);
}

/** No faster than the client reads. */
async function write(text: string, raw: ServerResponse): Promise<void> {
  if (text === '') return;
  if (raw.destroyed) throw new Error('the client is gone');
  if (!raw.write(text)) await Promise.race([once(raw, 'drain'), once(raw, 'close')]);
}
