import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { tinyModel } from '../support/gguf.ts';
import { PROGRAM, startHive } from '../support/hive.ts';
import { service } from '../support/hive-server.ts';
import { ask, realLlamaServer, serve } from '../support/llama-server.ts';

const real = realLlamaServer();
const routing = { default_strategy: 'round_robin' };
const chat = { model: 'r', messages: [{ role: 'user', content: 'hello' }], max_tokens: 8 };
const long = { ...chat, max_tokens: 300, ignore_eos: true };

/** Two servers and a registry compute at the same time, on few processors. */
const limits = { timeout: 240_000 };

describe.skipIf(real.isMissing)('the registry before the real llama-server', limits, () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vllmd-hive-llama-'));
    writeFileSync(join(folder, 'tiny.gguf'), tinyModel());
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** Two services of one role, which take turns. */
  async function fleet() {
    const flags = ['--model', join(folder, 'tiny.gguf'), '--alias', 'm'];
    const a = await serve(real.path, flags);
    const b = await serve(real.path, flags);
    const role = { role_id: 'r', operation: 'chat', modality: 'text' };
    const hive = await startHive({ routing }, [role]);
    onTestFinished(async () => void (await hive.stop()));
    const services = [service('a', a.url), service('b', b.url)];
    const host = { host_id: 'h1', address: '127.0.0.1', services };
    expect(await ask(`${hive.url}/v1/nodes/register`, host)).toMatchObject({ status: 200 });
    const post = (body: object) =>
      fetch(`${hive.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
    return { hive, a, post };
  }

  test('an answer comes by the role, names its service, and has no thoughts in it', async () => {
    const { post } = await fleet();
    const response = await post(chat);
    expect(response.headers.get('x-geniehive-service')).toMatch(/^[ab]$/);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({
      choices: [{ message: { role: 'assistant', content: expect.any(String) } }],
      usage: { completion_tokens: expect.any(Number) },
    });
    expect(text).not.toContain('reasoning');
  });

  test('embeddings come by the name of the model, and unchanged', async () => {
    const { url } = await serve(real.path, [
      ...['--model', join(folder, 'tiny.gguf'), '--alias', 'm'],
      ...['--embeddings', '--pooling', 'mean'],
    ]);
    const hive = await startHive({ routing });
    onTestFinished(async () => void (await hive.stop()));
    const services = [service('e', url, { kind: 'embeddings' })];
    await ask(`${hive.url}/v1/nodes/register`, { host_id: 'h1', address: '127.0.0.1', services });
    const body = { model: 'm', input: ['hello', 'world'] };
    const direct = await ask(`${url}/v1/embeddings`, body);
    expect(direct).toMatchObject({ status: 200 });
    expect(await ask(`${hive.url}/v1/embeddings`, body)).toEqual(direct);
  });

  test('who measures a role gets what llama-server says of each service, and it is stored', async () => {
    const { hive } = await fleet();
    const argv = ['hive', 'bench', 'run', 'r', '--url', hive.url, '--json', '--ingest'];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [PROGRAM, ...argv]);
    expect(stderr).toMatch(/^4 samples stored$/m);
    const figures = {
      ...{ case_count: 1, response_rate: 1, p50_latency_ms: expect.any(Number) },
      ...{ ttft_ms: expect.any(Number), tokens_per_sec: expect.any(Number) },
      ...{ prompt_tokens: expect.any(Number), completion_tokens: expect.any(Number) },
    };
    const { samples }: { readonly samples: readonly object[] } = JSON.parse(stdout);
    expect(samples).toHaveLength(4);
    for (const sample of samples) {
      expect(sample).toMatchObject({ asset_id: 'm', results: figures });
    }
    const match = { workloads: ['chat.short_reasoning'], kind: 'chat' };
    const { json } = await ask(`${hive.url}/v1/cluster/routes/match`, match);
    expect(JSON.stringify(json)).toMatch(/"benchmark_match_count":[1-9]/);
  });

  test('requests under way are answered by the other service when one is killed', async () => {
    const { hive, a, post } = await fleet();
    let left = 30;
    let done = 0;
    const statuses: number[] = [];
    const work = async () => {
      while (left-- > 0) {
        const response = await post({ ...long, max_tokens: 120 });
        await response.text();
        statuses.push(response.status);
        done += 1;
        if (done === 6) void a.stop('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: 6 }, work));
    expect(statuses).toEqual(Array.from({ length: 30 }, () => 200));
    expect((await post(chat)).headers.get('x-geniehive-service')).toBe('b');
    const metrics = await (await fetch(`${hive.url}/metrics`)).text();
    expect(metrics).toMatch(/vllmd_hive_retries_total\{kind="chat"\} [1-9]/);
  });

  test('a stream is whole, or breaks off with an error behind its begin, when a service is killed', async () => {
    const { hive, a, post } = await fleet();
    let isOver = false;
    void a.ended.then(() => {
      isOver = true;
    });
    let left = 30;
    let isKilled = false;
    const streams: { readonly text: string; readonly isLater: boolean }[] = [];
    /** One is killed behind the first bytes of a stream of its own, when all are at work. */
    const read = async ({ body, headers }: Response) => {
      let text = '';
      for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += chunk;
        if (isKilled || left > 18 || headers.get('x-geniehive-service') !== 'a') continue;
        isKilled = true;
        void a.stop('SIGKILL');
      }
      return text;
    };
    const work = async () => {
      while (left-- > 0) {
        const isLater = isOver;
        const response = await post({ ...long, max_tokens: 60, stream: true });
        const text = await read(response);
        expect(response.status, text).toBe(200);
        streams.push({ text, isLater });
      }
    };
    await Promise.all(Array.from({ length: 6 }, work));
    await a.ended;
    expect(streams).toHaveLength(30);
    const broken = streams.filter(({ text }) => !/^data: \[DONE\]\s*$/m.test(text));
    for (const { text, isLater } of broken) {
      expect(isLater, 'one that had not begun goes to the other service').toBe(false);
      const events = text.split('\n').filter((line) => line.startsWith('data: '));
      expect(events.length).toBeGreaterThan(1);
      expect(events.at(-1)).toMatch(/^data: \{"error":/);
      expect(text.match(/^data: \{"error":/gm)).toHaveLength(1);
    }
    const metrics = await (await fetch(`${hive.url}/metrics`)).text();
    expect(metrics).toMatch(/vllmd_hive_retries_total\{kind="chat"\} [1-9]/);
  });

  test('a stream under way is whole when the registry is told to end', async () => {
    const { hive, post } = await fleet();
    const response = await post({ ...long, stream: true });
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const ended = hive.stop();
    expect((await response.text()).trimEnd()).toMatch(/data: \[DONE\]$/);
    expect(await ended).toBe(0);
    await expect(fetch(`${hive.url}/health`)).rejects.toThrow();
  });
});
