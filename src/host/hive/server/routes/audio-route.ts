import type { FastifyInstance } from 'fastify';
import { upstreamModel } from '../../../../core/hive/policy/target-asset.ts';
import type { Hive } from '../hive.ts';
import { detail, type FieldProblem, unprocessable } from '../http-problem.ts';
import { openaiPaths } from '../openai-paths.ts';
import type { Call, UpstreamBody } from '../proxy/call.ts';
import { serveCall } from '../proxy/serve-call.ts';

/** Audio comes as a form, of which all but the name of the model is passed on as it is. */
export function audioRoute(app: FastifyInstance, hive: Hive): void {
  const { audioBytes } = hive.options.limits;
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, parsed) =>
      parsed(null, body),
    );
    const options = { ...hive.access.guard('client'), bodyLimit: audioBytes };
    scope.post(openaiPaths.transcription, options, async (request, reply) => {
      const form = await formOf(request.body, request.headers['content-type']);
      await serveCall(audioCall(form), request, reply, hive);
      return reply;
    });
    done();
  });
}

async function formOf(body: unknown, contentType = ''): Promise<FormData> {
  try {
    const bytes = body instanceof Uint8Array ? body : new Uint8Array();
    return await new Response(Buffer.from(bytes), {
      headers: { 'content-type': contentType },
    }).formData();
  } catch (error) {
    if (error instanceof TypeError) throw detail(400, 'the body is no form (multipart/form-data)');
    throw error;
  }
}

function audioCall(form: FormData): Call {
  const model = form.get('model');
  const missing = [
    ...(form.get('file') instanceof File ? [] : ['file']),
    ...(typeof model === 'string' && model !== '' ? [] : ['model']),
  ];
  if (typeof model !== 'string' || missing.length > 0) throw unprocessable(missing.map(required));
  return {
    kind: 'transcription',
    model,
    requestFor: ({ service }) => encoded(form, upstreamModel(service.row, model)),
    answerOf: (body, contentType) => ({
      contentType: contentType || 'application/octet-stream',
      body,
    }),
  };
}

function required(name: string): FieldProblem {
  return { type: 'missing', loc: ['body', name], msg: 'Field required', input: null };
}

async function encoded(form: FormData, model: string): Promise<UpstreamBody> {
  const named = new FormData();
  for (const [name, value] of form.entries()) {
    if (typeof value === 'string') named.append(name, name === 'model' ? model : value);
    else named.append(name, value, value.name);
  }
  const response = new Response(named);
  const contentType = response.headers.get('content-type') ?? 'multipart/form-data';
  return { contentType, body: new Uint8Array(await response.arrayBuffer()) };
}
