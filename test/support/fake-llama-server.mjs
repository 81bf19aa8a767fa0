#!/usr/bin/env node
// Stands for llama-server where a test needs what the real one does not do on command. Its model is a small JSON file that
// tells how it behaves; `{}` is one that is healthy at once:
//   loadMs      until then /health is 503; null: until somebody asks for /fake/load
//   says        a line for its log
//   end         {"afterMs": 0, "code": 1} or {"afterMs": 0, "signal": "SIGABRT"}: how it ends by itself, counted from its start;
//               without it, how it does when somebody asks for /fake/end: {"code": 1}
//   ignores     ["SIGTERM"]: signals that do not end it
// A line of JSON for each start is added to MODEL.starts: pid, argv (without the program) and env.
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const argv = process.argv.slice(2);
const model = wordBehind('--model', '-m') ?? fail('no model: this would be a router');
appendFileSync(
  `${model}.starts`,
  `${JSON.stringify({ pid: process.pid, argv, env: process.env })}\n`,
);
const { loadMs = 0, says, end, ignores = [] } = behaviour();
if (says !== undefined) log(says);
if (end !== undefined) setTimeout(() => finish(end), end.afterMs ?? 0);
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    if (!ignores.includes(signal)) process.exit(0);
  });
}
// Whoever is to end at once does not listen before.
if (end === undefined || end.afterMs > 0) listen();

function listen() {
  const host = wordBehind('--host') ?? '127.0.0.1';
  const port = Number(wordBehind('--port') ?? 8080);
  const started = performance.now();
  let isLoaded = false;
  const server = createServer(({ url }, response) => {
    isLoaded ||= url === '/fake/load' || (loadMs !== null && performance.now() - started >= loadMs);
    const { status, body } = isLoaded ? answerTo(url) : loading;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body), () => {
      if (url === '/fake/end') finish({ code: 1 });
    });
  });
  server.on('error', () =>
    fail(`couldn't bind HTTP server socket, hostname: ${host}, port: ${port}`),
  );
  // A host may be a UNIX socket.
  const at = host.endsWith('.sock') ? { path: host } : { host, port };
  server.listen(at, () => log(`listening on http://${host}:${server.address().port ?? ''}`));
}

const loading = {
  status: 503,
  body: { error: { code: 503, message: 'Loading model', type: 'unavailable_error' } },
};

function answerTo(url) {
  const id = wordBehind('--alias', '-a') ?? model;
  const bodies = {
    '/health': { status: 'ok' },
    '/v1/models': { object: 'list', data: [{ id, object: 'model' }] },
    '/v1/chat/completions': {
      object: 'chat.completion',
      model: id,
      choices: [{ index: 0, message: { role: 'assistant', content: 'hello' } }],
    },
  };
  const body = bodies[url];
  return body === undefined ? { status: 404, body: {} } : { status: 200, body };
}

function behaviour() {
  try {
    return JSON.parse(readFileSync(model, 'utf8'));
  } catch {
    return fail(`failed to load model, '${model}'`);
  }
}

function finish({ code, signal }) {
  if (signal === undefined) process.exit(code ?? 0);
  process.kill(process.pid, signal);
}

/** The last of them counts. */
function wordBehind(...names) {
  const at = argv.findLastIndex((word) => names.includes(word));
  return at === -1 ? undefined : argv[at + 1];
}

function log(line) {
  process.stderr.write(`0.00.000.001 I srv  ${line}\n`);
}

function fail(line) {
  log(line);
  process.exit(1);
}
