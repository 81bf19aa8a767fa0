import type { FastifyInstance } from 'fastify';
import { withoutReasoning } from '../../../../core/hive/answers/without-reasoning.ts';
import type { Json, JsonMap } from '../../../../core/hive/documents.ts';
import { shapeChatBody } from '../../../../core/hive/policy/shape-chat-body.ts';
import { upstreamModel } from '../../../../core/hive/policy/target-asset.ts';
import type { Hive } from '../hive.ts';
import { isTooDeep } from '../json-body.ts';
import { openaiPaths } from '../openai-paths.ts';
import { type Call, type ClientBody, JSON_TYPE } from '../proxy/call.ts';
import { openaiBody } from '../proxy/openai-body.ts';
import { serveCall } from '../proxy/serve-call.ts';
import { audioRoute } from './audio-route.ts';

/** What clients know from other servers: they name a model, and do not see which service answers. */
export function openaiRoutes(app: FastifyInstance, hive: Hive): void {
  const client = hive.access.guard('client');
  app.post(openaiPaths.chat, client, async (request, reply) => {
    await serveCall(chatCall(openaiBody('chat', request.body), hive), request, reply, hive);
    return reply;
  });
  app.post(openaiPaths.embeddings, client, async (request, reply) => {
    await serveCall(embeddingsCall(openaiBody('embeddings', request.body)), request, reply, hive);
    return reply;
  });
  audioRoute(app, hive);
}

type ModelBody = { readonly model: string; readonly body: JsonMap };

function chatCall({ model, body }: ModelBody, { registry }: Hive): Call {
  const { assets } = registry.catalogue();
  return {
    kind: 'chat',
    model,
    requestFor: ({ service, role }) => {
      const shaped = shapeChatBody(body, { service: service.row, role, requested: model, assets });
      return { contentType: JSON_TYPE, body: JSON.stringify(shaped) };
    },
    answerOf: (answer) => jsonAnswer(answer, withoutReasoning),
  };
}

function embeddingsCall({ model, body }: ModelBody): Call {
  return {
    kind: 'embeddings',
    model,
    requestFor: ({ service }) => {
      const named = { ...body, model: upstreamModel(service.row, model) };
      return { contentType: JSON_TYPE, body: JSON.stringify(named) };
    },
    answerOf: (answer) => jsonAnswer(answer, (value) => value),
  };
}

function jsonAnswer(body: Buffer, change: (value: Json) => Json): ClientBody | undefined {
  try {
    const value = JSON.parse(body.toString()) as Json;
    if (isTooDeep(value)) return undefined;
    return { contentType: JSON_TYPE, body: JSON.stringify(change(value)) };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
