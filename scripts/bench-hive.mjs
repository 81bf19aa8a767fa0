// Measures the router of the registry as it is built: requests per second and latencies beside those of the same service asked
// directly, matching among many services, and the memory of a router that is never idle. Upstream, router and load are
// processes of their own. Ends with 1 where a request fails, or where memory goes on growing.
import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { registerFirst, registerMany, startRouter } from './bench-hive/router.mjs';

const number = (value) => ({ type: 'string', default: String(value) });
const { values } = parseArgs({
  options: {
    'row-s': number(2),
    rounds: number(3),
    'soak-s': number(process.env.VLLMD_BENCH_SOAK_S ?? 60),
    services: number(10_000),
    connections: number(32),
  },
});
const rowS = Number(values['row-s']);
const rounds = Number(values.rounds);
const soakS = Number(values['soak-s']);
const services = Number(values.services);
const connections = Number(values.connections);

/**
 * How much more memory the second half of the soak may take than the first, by their medians. These lie half a soak apart:
 * with 1000 requests a second in 60 s, 30 000 requests. What is kept of each, 1 KiB say, is 29 MiB then. What the collector
 * of Node.js leaves lying varies by less than half of the margin.
 */
const marginMib = 24;
/** Before, the heap is on its way to the size that it works with. */
const judgedFromS = 20;
const warmUpShare = 0.25;

const script = (name) => fileURLToPath(new URL(`bench-hive/${name}.mjs`, import.meta.url));
const chat = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };
const match = { task: 'answer support questions', kind: 'chat', workload: 'chat.short_reasoning' };

const folder = mkdtempSync(join(tmpdir(), 'vllmd-bench-hive-'));
const children = [];
try {
  const upstream = await upstreamUrl();
  console.log(table(await rows(upstream)));
  if (soakS > 0) await soak(upstream);
} finally {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
}

async function rows(upstream) {
  const { url } = await router(upstream);
  const chatAt = (base) => ({ url: `${base}/v1/chat/completions`, body: chat, connections });
  const streamAt = (base) => ({ ...chatAt(base), body: { ...chat, stream: true }, times: 'first' });
  const matching = { url: `${url}/v1/cluster/routes/match`, body: match, connections: 1 };
  const ofOne = await measure({
    'chat, direct': chatAt(upstream),
    'chat, router': chatAt(url),
  });
  const ofStreams = await measure({
    'stream, direct': streamAt(upstream),
    'stream, router': streamAt(url),
  });
  const few = await measure({ 'match, 1 service': matching });
  await registerMany(url, upstream, services);
  const ofMany = await measure({
    'chat, direct': chatAt(upstream),
    [`chat, router, ${services} services`]: chatAt(url),
  });
  const many = await measure({ [`match, ${services} services`]: matching });
  return [ofOne, ofStreams, ofMany, [...few, ...many]].flatMap(withRatio);
}

/** In turns: what else the machine does meanwhile is then in both. */
async function measure(loads) {
  const results = Object.entries(loads).map(([name, asked]) => ({ name, asked, all: [] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, asked, all } of results) {
      const { times = 'whole', ...more } = asked;
      const got = await load({ ...more, seconds: rowS, warmUpSeconds: rowS * warmUpShare });
      tellFailures(name, got.failures);
      all.push({ perSecond: got.perSecond, ...got[times] });
    }
  }
  const middle = (all, key) => median(all.map((one) => one[key]));
  return results.map(({ name, all }) => ({
    name,
    ...{ perSecond: middle(all, 'perSecond'), p50: middle(all, 'p50'), p99: middle(all, 'p99') },
  }));
}

/** The second one beside the first. */
function withRatio([base, row]) {
  return [base, { ...row, base }];
}

function load(options) {
  const child = fork(script('load'), [JSON.stringify(options)]);
  children.push(child);
  return messageOf(child);
}

async function upstreamUrl() {
  const child = fork(script('upstream'));
  children.push(child);
  return `http://127.0.0.1:${(await messageOf(child)).port}`;
}

function messageOf(child) {
  return new Promise((done, fail) => {
    child.once('message', done);
    child.once('exit', (code) => fail(new Error(`${child.spawnargs[1]} has ended with ${code}`)));
  });
}

/** A registry with one service. */
async function router(upstream) {
  const running = await startRouter(folder, (child) => children.push(child));
  await registerFirst(running.url, upstream);
  return running;
}

/** Another router, since the first one has many services: as many requests as it can answer, half of them at a time as streams. */
async function soak(upstream) {
  const { url, pid } = await router(upstream);
  const samples = [];
  const warmUpSeconds = soakS * warmUpShare;
  const from = performance.now() + warmUpSeconds * 1000;
  const timer = setInterval(() => {
    if (performance.now() >= from) samples.push(rssMib(pid));
  }, 100);
  const asked = { url: `${url}/v1/chat/completions`, connections, seconds: soakS, warmUpSeconds };
  const results = await Promise.all(
    [chat, { ...chat, stream: true }].map((body) => load({ ...asked, body })),
  );
  clearInterval(timer);
  for (const { failures } of results) tellFailures('soak', failures);
  const perSecond = results.reduce((sum, result) => sum + result.perSecond, 0);
  judge(samples, perSecond);
}

function rssMib(pid) {
  const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}

function judge(samples, perSecond) {
  const half = Math.floor(samples.length / 2);
  const [before, after] = [median(samples.slice(0, half)), median(samples.slice(half))];
  const growth = after - before;
  console.log(
    `\nsoak of ${soakS} s, ${perSecond.toFixed(0)} requests/s: RSS ${before.toFixed(0)} MiB in the first half, ${after.toFixed(0)} MiB in the second, at most ${Math.max(...samples).toFixed(0)} MiB`,
  );
  if (soakS < judgedFromS) {
    console.log(`shorter than ${judgedFromS} s: the growth says nothing yet`);
  } else if (growth > marginMib) {
    console.error(`memory grows: by ${growth.toFixed(0)} MiB, it may be ${marginMib}`);
    process.exitCode = 1;
  }
}

function tellFailures(name, failures) {
  for (const [failure, count] of Object.entries(failures)) {
    console.error(`${name}: ${count} requests failed: ${failure}`);
    process.exitCode = 1;
  }
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

function table(rows) {
  const cells = rows.map(({ name, perSecond, p50, p99, base }) => [
    ...[name, perSecond.toFixed(0), p50.toFixed(2), p99.toFixed(2)],
    ...(base === undefined
      ? ['', '', '']
      : [base.perSecond / perSecond, p50 / base.p50, p99 / base.p99].map((one) => one.toFixed(2))),
  ]);
  const head = ['what', 'requests/s', 'p50 ms', 'p99 ms', 'fewer/s', 'p50 ratio', 'p99 ratio'];
  const lines = [head, ...cells];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column].length)));
  const pad = (text, column) =>
    column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]);
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}
