import type { FastifyReply, FastifyRequest } from 'fastify';
import { errorEnvelope } from '../../../../core/hive/answers/error-envelope.ts';
import type { RegisteredService } from '../../../../core/hive/catalogue.ts';
import type { Kind } from '../../../../core/hive/documents.ts';
import { type Resolution, resolve } from '../../../../core/hive/routing/resolve.ts';
import type { Hive } from '../hive.ts';
import { HttpProblem, proxyProblem } from '../http-problem.ts';
import { openaiPaths } from '../openai-paths.ts';
import { viewOf } from '../view-of.ts';
import type { Call } from './call.ts';
import { deliver } from './deliver.ts';
import { forward } from './forward.ts';

/** Sends a request for a model to the service that fits best, and its answer to the client. */
export async function serveCall(
  call: Call,
  request: FastifyRequest,
  reply: FastifyReply,
  hive: Hive,
): Promise<void> {
  const startedMs = hive.now();
  const told = { serviceId: undefined as string | undefined, tries: 1, status: 500 };
  const leave = hive.gate.enter();
  try {
    if (leave === undefined) throw overloaded(call.kind);
    const { resolution, candidates } = choose(call, hive);
    const { service, opened, tries } = await forward(
      {
        candidates,
        requestFor: (target) => upstreamRequest(call, target, resolution, request.id),
        retries: hive.options.retries,
        signal: goneSignal(reply),
      },
      hive.upstreams,
      hive.cooling,
    );
    Object.assign(told, { serviceId: service.row.service_id, tries });
    told.status = await deliver({ call, service, opened }, reply, request.id);
  } catch (error) {
    if (error instanceof HttpProblem) told.status = error.status;
    throw error;
  } finally {
    leave?.();
    const { kind, model } = call;
    const keyId = request.hiveKey?.id;
    const durationMs = hive.now() - startedMs;
    hive.note({ atMs: startedMs, requestId: request.id, kind, model, keyId, durationMs, ...told });
  }
}

function overloaded(kind: Kind): HttpProblem {
  const text = 'Too many requests are on their way; try again.';
  return new HttpProblem(503, errorEnvelope(text, `${kind}_proxy_error`), { 'retry-after': '1' });
}

type Choice = {
  readonly resolution: Resolution;
  readonly candidates: readonly [RegisteredService, ...RegisteredService[]];
};

function choose({ kind, model }: Call, hive: Hive): Choice {
  const view = viewOf(hive);
  const resolution = resolve({ ...view, turn: hive.turns.of }, model, kind);
  if (resolution === undefined) {
    throw proxyProblem({ kind: 'unknown_model', model }, kind);
  }
  const [first, ...others] = resolution.ranked;
  if (first === undefined) {
    throw proxyProblem({ kind: 'no_target', model }, kind);
  }
  if (resolution.kind === 'role') hive.turns.take(resolution.role.role_id);
  return { resolution, candidates: [first, ...others] };
}

async function upstreamRequest(
  call: Call,
  service: RegisteredService,
  resolution: Resolution,
  requestId: string,
) {
  const role = resolution.kind === 'role' ? resolution.role : undefined;
  const { contentType, body } = await call.requestFor({ service, role });
  return {
    url: `${service.row.endpoint}${openaiPaths[call.kind]}`,
    headers: { 'content-type': contentType, 'x-request-id': requestId },
    body,
  };
}

/** Aborted when the client goes before its answer is complete. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
