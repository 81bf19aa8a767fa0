// Closed loops in a process of their own: each sends its next request when the answer to the last one is there. Tells its
// parent how many there were, and how long they took.
import { Agent, request } from 'node:http';

const { url, body, seconds, connections, warmUpSeconds } = JSON.parse(process.argv[2]);
const agent = new Agent({ keepAlive: true, maxSockets: connections });
const text = JSON.stringify(body);
const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };

const from = performance.now() + warmUpSeconds * 1000;
const until = from + seconds * 1000;
const whole = [];
const first = [];
const failures = {};
await Promise.all(Array.from({ length: connections }, loop));
const passedS = (performance.now() - from) / 1000;
agent.destroy();
process.send({
  perSecond: whole.length / passedS,
  whole: shares(whole),
  first: shares(first),
  failures,
});
process.disconnect();

async function loop() {
  for (let start = performance.now(); start < until; start = performance.now()) {
    const { failure, firstMs } = await once(start);
    if (start < from) continue;
    if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1;
    whole.push(performance.now() - start);
    first.push(firstMs);
  }
}

function once(start) {
  return new Promise((done) => {
    const failed = (error) => done({ failure: error.code ?? error.message, firstMs: 0 });
    const sent = request(url, { method: 'POST', agent, headers }, (response) => {
      let firstMs;
      let end = '';
      response.on('data', (chunk) => {
        firstMs ??= performance.now() - start;
        if (body.stream === true) end = chunk.toString();
      });
      response.on('error', failed);
      response.on('end', () => done({ failure: failureOf(response.statusCode, end), firstMs }));
    });
    sent.on('error', failed);
    sent.end(text);
  });
}

function failureOf(status, end) {
  if (status !== 200) return `status ${status}`;
  return body.stream === true && !end.endsWith('data: [DONE]\n\n') ? 'broken off' : undefined;
}

function shares(times) {
  const sorted = Float64Array.from(times).sort();
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p99: at(0.99) };
}
