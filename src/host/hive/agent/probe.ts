import { randomUUID } from 'node:crypto';
import type { Reading, Reply } from '../../../core/hive/agent/reading.ts';
import type { ServiceDocument } from '../../../core/hive/documents.ts';
import { asError } from '../../as-error.ts';
import { reasonOf, withDeadline } from '../client/deadline.ts';
import { limitedText } from './limited-text.ts';

export type ProbeOptions = {
  readonly timeoutMs: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly ended: AbortSignal;
};

const MOST_BYTES = 8 * 2 ** 20;
/** Services that are asked at the same time. */
const AT_ONCE = 64;

/** Asks every service how it is. An answer that does not come in time is one as well. */
export async function probeAll(
  services: readonly ServiceDocument[],
  options: ProbeOptions,
): Promise<ReadonlyMap<string, Reading>> {
  const readings = new Map<string, Reading>();
  const left = [...services];
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      readings.set(next.service_id, await probe(next.endpoint, options));
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, left.length) }, work));
  return readings;
}

async function probe(endpoint: string, options: ProbeOptions): Promise<Reading> {
  const [health, models, metrics] = await Promise.all([
    ask(`${endpoint}/health`, options),
    ask(`${endpoint}/v1/models`, options),
    ask(`${endpoint}/metrics`, options),
  ]);
  return { sampleId: randomUUID(), observedAt: options.now() / 1000, health, models, metrics };
}

async function ask(url: string, { timeoutMs, ended }: ProbeOptions): Promise<Reply> {
  try {
    return await withDeadline(timeoutMs, ended, async (signal) => {
      const response = await fetch(url, { redirect: 'error', signal });
      const text = await limitedText(response, MOST_BYTES);
      if (text === undefined)
        return { kind: 'none', why: `its answer is larger than ${MOST_BYTES / 2 ** 20} MiB` };
      return { kind: 'answer', status: response.status, text };
    });
  } catch (error) {
    return { kind: 'none', why: reasonOf(asError(error), timeoutMs) };
  }
}
