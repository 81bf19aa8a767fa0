// Stands for a model: a server with /health, which notes that it was started.
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
import process from 'node:process';

const [host, port, name, notes, ...words] = process.argv.slice(2);
appendFileSync(notes, `${JSON.stringify({ pid: process.pid, name, words, env: process.env })}\n`);
process.stderr.write(`${name} is loading\n`);
createServer((request, response) => {
  const isKnown = request.url === '/health' || request.url === '/name';
  response.writeHead(isKnown ? 200 : 404);
  response.end(name);
}).listen(Number(port), host);
