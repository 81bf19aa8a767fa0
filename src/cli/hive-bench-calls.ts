import { VllmdError } from '../core/failure.ts';
import { callFailure } from '../core/hive/answers/call-failure.ts';
import type { Call } from '../core/hive/benchmark/runs-of-calls.ts';
import { type Workload, workloadBodies } from '../core/hive/benchmark/workloads.ts';
import type { Json, JsonMap } from '../core/hive/documents.ts';
import { timed } from '../host/hive/client/timed.ts';
import type { World } from '../host/world.ts';
import type { OpenRegistry } from './hive-registry.ts';

/** Less than the 300 s after which fetch gives up by itself. */
export const CALL_TIMEOUT_MS = 280_000;

type Wanted = {
  readonly model: string;
  readonly workloads: readonly Workload[];
  readonly repeat: number;
};

/** Calls one after the other, so that none waits for another; why one has failed is told. Throws where all have. */
export async function callWorkloads(
  { model, workloads, repeat }: Wanted,
  registry: OpenRegistry,
  world: World,
): Promise<readonly Call[]> {
  const requests = workloads.flatMap((workload) =>
    Array.from({ length: repeat }, () => workloadBodies(workload, model))
      .flat()
      .map((body) => ({ workload, body })),
  );
  const calls: Call[] = [];
  const detail = () => `request ${calls.length + 1} of ${requests.length}`;
  const done = world.doing(`measuring ${model}`, { detail });
  try {
    for (const { workload, body } of requests) {
      const { call, failure } = await callOnce(body, workload, registry);
      calls.push(call);
      if (failure === undefined) continue;
      const which = `request ${calls.length} of ${requests.length} (${workload})`;
      world.stderr.write(`warning: ${which} has failed: ${failure}\n`);
    }
  } finally {
    done();
  }
  if (calls.some(({ body }) => body !== undefined)) return calls;
  throw new VllmdError('runtime', 'every request has failed, so there is nothing to report');
}

type Once = { readonly call: Call; readonly failure: string | undefined };

async function callOnce(
  request: JsonMap,
  workload: Workload,
  registry: OpenRegistry,
): Promise<Once> {
  const { value, elapsedMs } = await timed(() => answerTo(request, registry));
  if (typeof value === 'string') {
    return { call: { workload, elapsedMs, body: undefined, service: undefined }, failure: value };
  }
  const { status, body, service } = value;
  // The registry itself, which would refuse the others like this one.
  if (service === undefined && (status === 401 || status === 403)) registry.bodyOf(value);
  const isAnswered = status === 200;
  return {
    // What JSON.parse has made.
    call: { workload, elapsedMs, service, body: isAnswered ? (body as Json) : undefined },
    failure: isAnswered ? undefined : callFailure(status, body),
  };
}

/** Why there is none, where a service takes too long. */
async function answerTo(request: JsonMap, registry: OpenRegistry) {
  try {
    return await registry.post('/v1/chat/completions', request);
  } catch (error) {
    const cause = error instanceof VllmdError ? error.cause : undefined;
    if (cause instanceof Error && cause.name === 'TimeoutError') {
      return `no answer within ${CALL_TIMEOUT_MS / 1000} s`;
    }
    throw error;
  }
}
