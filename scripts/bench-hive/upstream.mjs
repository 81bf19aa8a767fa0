// A service in a process of its own that answers at once, so that what is measured is the way to it. Tells its port to its parent.
import { createServer } from 'node:http';

const usage = { prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 };
const plain = JSON.stringify({
  ...{ id: 'c', object: 'chat.completion', model: 'm' },
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'hello' } }],
  usage,
});
const event = JSON.stringify({
  ...{ id: 'c', object: 'chat.completion.chunk', model: 'm' },
  choices: [{ index: 0, delta: { content: 'word ' } }],
});
const events = 8;

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    if (JSON.parse(body).stream === true) stream(response);
    else response.writeHead(200, { 'content-type': 'application/json' }).end(plain);
  });
});

/** Each event in a turn of its own, as they come from a model. */
function stream(response) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let left = events;
  const next = () => {
    if (left-- === 0) {
      response.end('data: [DONE]\n\n');
      return;
    }
    response.write(`data: ${event}\n\n`);
    setImmediate(next);
  };
  next();
}

server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());
