import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * A service that answers at once with what it was sent. The first part of its path chooses how: `/err500`, `/err429`,
 * `/text`, `/split`, `/nohealth`, `/sick`; any other answers as usual.
 */
export async function hiveUpstream(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, server };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<undefined> {
  const body = await bytesOf(request);
  const url = request.url ?? '';
  const [, mode = '', path = url] = /^\/([^/]+)(\/(?:v1\/|health).*)$/.exec(url) ?? [];
  if (mode === 'err500') return text(response, 500, 'backend exploded');
  if (mode === 'err429') return json(response, 429, { error: { message: 'slow down' } });
  if (path === '/health') return health(response, mode);
  if (mode === 'text') return text(response, 200, 'not json');
  switch (path) {
    case '/v1/models':
      return json(response, 200, { object: 'list', data: [{ id: 'm' }] });
    case '/v1/chat/completions':
      return chat(request, response, body, mode);
    case '/v1/embeddings':
      return embeddings(response, JSON.parse(body.toString()));
    case '/v1/audio/transcriptions':
      return transcription(request, response, body);
    default:
      return text(response, 404, 'no such path');
  }
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

function text(response: ServerResponse, status: number, content: string): undefined {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(content);
}

function json(response: ServerResponse, status: number, value: unknown): undefined {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

function health(response: ServerResponse, mode: string): undefined {
  if (mode === 'nohealth') return json(response, 404, { detail: 'Not Found' });
  if (mode === 'sick') return json(response, 503, { status: 'error' });
  return json(response, 200, { status: 'ok' });
}

async function chat(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  mode: string,
): Promise<undefined> {
  const body = JSON.parse(bytes.toString());
  if (body.stream === true) return stream(response, body.model, mode);
  const message = { role: 'assistant', content: 'ok', reasoning_content: 'hidden' };
  const heard = ['authorization', 'x-api-key', 'x-request-id'].flatMap((name) => {
    const value = request.headers[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  json(response, 200, {
    ...{ id: 'cmpl-1', object: 'chat.completion', model: body.model },
    choices: [{ index: 0, finish_reason: 'stop', message, reasoning: { tokens: 4 } }],
    usage: { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 },
    ...{ echo_path: request.url, echo_headers: Object.fromEntries(heard), echo: body },
  });
}

const CUT_AT = 60;
const PAUSE_MS = 200;

async function stream(response: ServerResponse, model: string, mode: string): Promise<undefined> {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const delta = { content: 'hi', reasoning_content: 'hidden' };
  const chunk = { object: 'chat.completion.chunk', model, choices: [{ index: 0, delta }] };
  const event = `data: ${JSON.stringify(chunk)}\n\n`;
  if (mode === 'split') {
    response.write(event.slice(0, CUT_AT));
    await new Promise((done) => setTimeout(done, PAUSE_MS));
    response.write(event.slice(CUT_AT));
  } else {
    response.write(event);
  }
  response.end('data: [DONE]\n\n');
}

function embeddings(response: ServerResponse, body: { readonly model: string }): undefined {
  const data = [{ object: 'embedding', index: 0, embedding: [0.1, 0.2] }];
  json(response, 200, { object: 'list', data, model: body.model, echo: body });
}

async function transcription(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
): Promise<undefined> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const form = await new Response(new Uint8Array(body), { headers }).formData();
  if (form.get('response_format') === 'text') return text(response, 200, 'hello world');
  const file = form.get('file');
  const fields = [...form.entries()].filter(([, value]) => typeof value === 'string');
  json(response, 200, {
    text: 'hello',
    echo_form: Object.fromEntries(fields),
    file: file instanceof File ? { name: file.name, type: file.type, size: file.size } : null,
  });
}
