#!/usr/local/bin/node
// Stands for llama-server: it loads for a second, answers /health, and shows at /seen what it was started with.
import { createServer } from 'node:http';

const argv = process.argv.slice(2);
const say = (text) => process.stdout.write(`${text}\n`);
const wordBehind = (flag) => argv[argv.indexOf(flag) + 1];
if (argv.includes('--broken')) {
  say('error: invalid argument: --broken');
  process.exit(1);
}
say(`loading ${wordBehind('--model')}`);
let isReady = false;
setTimeout(() => {
  isReady = true;
}, 1000);
createServer(({ url }, response) => {
  response.writeHead(isReady ? 200 : 503);
  response.end(
    url === '/seen' ? JSON.stringify({ argv, env: process.env, uid: process.getuid() }) : '{}',
  );
}).listen(Number(wordBehind('--port')), wordBehind('--host'));
process.on('SIGTERM', () => process.exit(0));
