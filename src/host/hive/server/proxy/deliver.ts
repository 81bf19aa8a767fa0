import type { FastifyReply } from 'fastify';
import type { ProxyFailure } from '../../../../core/hive/answers/error-envelope.ts';
import { SERVICE_HEADER, serviceHeader } from '../../../../core/hive/answers/service-header.ts';
import type { RegisteredService } from '../../../../core/hive/catalogue.ts';
import type { Kind } from '../../../../core/hive/documents.ts';
import { type HttpProblem, proxyProblem } from '../http-problem.ts';
import type { Call } from './call.ts';
import { CLIENT_IS_GONE } from './client-is-gone.ts';
import { deliverStream } from './deliver-stream.ts';
import type { Opened } from './open-answer.ts';
import type { Failure } from './upstream.ts';

export type Outcome = {
  readonly call: Call;
  readonly service: RegisteredService;
  readonly opened: Opened | Failure;
};

/** Gives a client the answer of a service. Returns the status, for those who count; throws what is no success. */
export async function deliver(
  { call, service, opened }: Outcome,
  reply: FastifyReply,
  requestId: string,
): Promise<number> {
  const { service_id } = service.row;
  const named = { [SERVICE_HEADER]: serviceHeader(service_id) };
  void reply.headers(named);
  const { kind } = call;
  switch (opened.kind) {
    case 'stream':
      return deliverStream(opened.chunks, reply, { ...named, 'x-request-id': requestId });
    case 'whole':
      return deliverWhole(opened, call, reply);
    case 'aborted':
      reply.hijack();
      return CLIENT_IS_GONE;
    case 'silent':
    case 'timeout':
      throw proxyProblem({ kind: 'timed_out' }, kind);
    case 'closed':
      throw proxyProblem({ kind: 'broken_off' }, kind);
    case 'unreachable':
      throw proxyProblem({ kind: 'unreachable' }, kind);
    default:
      return opened satisfies never;
  }
}

function deliverWhole(
  opened: Extract<Opened, { kind: 'whole' }>,
  { kind, answerOf }: Call,
  reply: FastifyReply,
): number {
  const { status, body, contentType, retryAfter } = opened;
  if (retryAfter !== undefined) void reply.header('retry-after', retryAfter);
  if (status < 200 || status >= 300) throw refused(status, body, kind);
  const answer = answerOf(body, contentType);
  if (answer === undefined) throw proxyProblem({ kind: 'not_json' }, kind);
  void reply.code(status).type(answer.contentType).send(answer.body);
  return status;
}

const LONGEST_ERROR = 16_384;

/** A redirection is followed by nobody: it could lead anywhere. */
function refused(status: number, body: Buffer, kind: Kind): HttpProblem {
  const said = body.toString('utf8', 0, LONGEST_ERROR);
  const failure: ProxyFailure =
    status >= 400
      ? { kind: 'upstream_status', status, text: said || `the service answered ${status}` }
      : { kind: 'not_json' };
  return proxyProblem(failure, kind);
}
