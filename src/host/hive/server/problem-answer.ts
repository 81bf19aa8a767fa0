import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { errorEnvelope } from '../../../core/hive/answers/error-envelope.ts';
import { HttpProblem } from './http-problem.ts';
import { kindOfPath } from './openai-paths.ts';

/** What a client is told when something throws. A bug of ours is told on standard error, and to the client only that there is one. */
export function answerProblems(tellBug: (error: Error, request: FastifyRequest) => void) {
  return (error: FastifyError | HttpProblem, request: FastifyRequest, reply: FastifyReply) => {
    if (error instanceof HttpProblem) {
      return reply.code(error.status).headers(error.headers).send(error.body);
    }
    const status = error.statusCode ?? 500;
    if (status >= 500) tellBug(error, request);
    const text =
      status >= 500 ? 'an error of the registry itself; its log says more' : error.message;
    const kind = kindOfPath(request.url);
    const body = kind === undefined ? { detail: text } : errorEnvelope(text, `${kind}_proxy_error`);
    return reply.code(status).send(body);
  };
}
