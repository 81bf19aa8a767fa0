import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { brokenModels, shardedModel, tinyModel, toyLora } from '../support/gguf.ts';
import { ask, endOf, realLlamaServer, serve } from '../support/llama-server.ts';

const server = realLlamaServer();
const prompt = { prompt: 'hello', n_predict: 4 };
const chat = { messages: [{ role: 'user', content: 'hello' }], max_tokens: 4 };

describe.skipIf(server.isMissing)('the real llama-server', () => {
  let folder = '';
  const file = (name: string) => join(folder, name);
  const model = () => ['--model', file('tiny.gguf')];

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'vllmd-llama-'));
    writeFileSync(file('tiny.gguf'), tinyModel());
    writeFileSync(file('first.gguf'), toyLora(1));
    writeFileSync(file('second.gguf'), toyLora(2));
    for (const [name, bytes] of Object.entries(brokenModels())) writeFileSync(file(name), bytes);
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  test('serves the tiny model by its alias, and ends with 0 at SIGTERM', async () => {
    const { url, stop } = await serve(server.path, [...model(), '--alias', 'tiny']);
    expect(await ask(`${url}/health`)).toEqual({ status: 200, json: { status: 'ok' } });
    expect(await ask(`${url}/v1/models`)).toMatchObject({ json: { data: [{ id: 'tiny' }] } });
    const completion = await ask(`${url}/completion`, prompt);
    expect(completion).toMatchObject({ status: 200, json: { tokens_predicted: 4 } });
    const answer = await ask(`${url}/v1/chat/completions`, chat);
    expect(answer).toMatchObject({
      status: 200,
      json: { model: 'tiny', choices: [{ message: { role: 'assistant' } }] },
    });
    expect(await stop()).toMatchObject({ code: 0 });
  });

  test('gives embeddings where it is told to', async () => {
    const { url } = await serve(server.path, [...model(), '--embeddings', '--pooling', 'mean']);
    const answer = await ask(`${url}/v1/embeddings`, { input: 'hello' });
    expect(answer).toMatchObject({ status: 200, json: { data: [{ index: 0 }] } });
  });

  test('loads every adapter of a repeated --lora', async () => {
    const loras = ['first.gguf', 'second.gguf'].map(file);
    const flags = loras.flatMap((path) => ['--lora', path]);
    const { url, output } = await serve(server.path, [...model(), ...flags]);
    const { json } = await ask(`${url}/lora-adapters`);
    expect(json).toMatchObject(loras.map((path, id) => ({ id, path })));
    expect(output()).toContain("argument '--lora' specified multiple times");
  });

  test('takes every key, alias, tag, bias and breaker of a repeated option', async () => {
    const flags = [
      ...['--alias', 'one', '--alias', 'two', '--tags', 'a', '--tags', 'b'],
      ...['--api-key', 'k1', '--api-key', 'k2', '--logit-bias', '20+1', '--logit-bias', '21-1'],
      ...['--dry-sequence-breaker', 'q', '--dry-sequence-breaker', 'z'],
      ...['--reverse-prompt', 'aa', '--reverse-prompt', 'bb'],
    ];
    const { url } = await serve(server.path, [...model(), ...flags]);
    expect(await ask(`${url}/v1/models`)).toMatchObject({ status: 401 });
    const models = await ask(`${url}/v1/models`, undefined, 'k1');
    const entry = { id: 'one', aliases: ['one', 'two'], tags: ['a', 'b'] };
    expect(models).toMatchObject({ status: 200, json: { data: [entry] } });
    const completion = await ask(`${url}/completion`, prompt, 'k2');
    expect(completion).toMatchObject({
      json: {
        generation_settings: {
          logit_bias: [{ token: 20 }, { token: 21 }],
          dry_sequence_breakers: ['q', 'z'],
          stop: ['aa', 'bb'],
        },
      },
    });
  });

  test('takes every override and every kind of speculation of a repeated option', async () => {
    const { output } = await serve(server.path, [
      ...[...model(), '--verbosity', '5'],
      ...['--override-tensor', 'blk.0.attn_q=CPU', '--override-tensor', 'blk.1.attn_q=CPU'],
      ...['--override-kv', 'general.name=str:renamed'],
      ...['--override-kv', 'tokenizer.ggml.add_bos_token=bool:false'],
      ...['--spec-type', 'ngram-simple', '--spec-type', 'ngram-mod'],
    ]);
    for (const said of [
      /blk\.0\.attn_q\.weight .* buffer type overridden to CPU/,
      /blk\.1\.attn_q\.weight .* buffer type overridden to CPU/,
      /Using metadata override .*'general\.name'/,
      /Using metadata override .*'tokenizer\.ggml\.add_bos_token'/,
      /adding speculative implementation 'ngram-simple'/,
      /adding speculative implementation 'ngram-mod'/,
    ]) {
      expect(output()).toMatch(said);
    }
  });

  test('takes the last of other lists', async () => {
    const { url } = await serve(server.path, [
      ...[...model(), '--tools', 'read_file', '--tools', 'get_info'],
      ...['--samplers', 'top_k;top_p', '--samplers', 'min_p'],
    ]);
    expect(await ask(`${url}/tools`)).toMatchObject({ json: [{ tool: 'get_info' }] });
    expect(await ask(`${url}/props`)).toMatchObject({
      json: { default_generation_settings: { params: { samplers: ['min_p'] } } },
    });
  });

  test.for([1, 3, 21])('loads a model of %s files by the first of them', async (count) => {
    const [first] = shards('whole', count);
    const { url } = await serve(server.path, ['--model', file(first ?? '')]);
    expect(await ask(`${url}/completion`, prompt)).toMatchObject({ status: 200 });
  });

  test('tells which shard is missing, and that another one is not the first', async () => {
    const [first = '', second = '', third = ''] = shards('part', 3);
    const wrong = await endOf(server.path, ['--model', file(second)]);
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.output).toContain('illegal split file idx: 1');
    expect(wrong.output).toContain('model must be loaded with the first split');
    rmSync(file(third));
    const missing = await endOf(server.path, ['--model', file(first)]);
    expect(missing).toMatchObject({ code: 1 });
    expect(missing.output).toContain(`failed to load GGUF split from ${file(third)}`);
  });

  test.for(['there is none', ...Object.keys(brokenModels())])(
    'ends with 1 over a model of which this is to be said: %s',
    async (name) => {
      const { code, output } = await endOf(server.path, ['--model', file(name)]);
      expect(code).toBe(1);
      expect(output).toContain('failed to load model');
    },
  );

  test('ends with 1 over a port that is taken', async () => {
    const { url } = await serve(server.path, model());
    const { port } = new URL(url);
    const { code, output } = await endOf(server.path, [...model(), '--port', port]);
    expect(code).toBe(1);
    expect(output).toContain("couldn't bind HTTP server socket, hostname: 127.0.0.1, port: ");
  });

  test.for([
    [['--mlock'], 'invalid argument: --mlock'],
    [['--mmap'], 'invalid argument: --mmap'],
    [['--no-mmap'], 'invalid argument: --no-mmap'],
    [['--direct-io'], 'invalid argument: --direct-io'],
    [['--ctx-size-draft', '8'], 'invalid argument: --ctx-size-draft'],
    [['--draft-max', '8'], 'the argument has been removed. use --spec-draft-n-max or'],
    [['--draft-n-min', '8'], 'the argument has been removed. use --spec-draft-n-min or'],
    [['--spec-ngram-min-hits', '8'], 'the argument has been removed. use the respective'],
    [['--ctx-size=8'], 'invalid argument: --ctx-size=8'],
    [['--metrics', 'true'], 'invalid argument: true'],
    [['--flash-attn', '--metrics'], "unknown value for --flash-attn: '--metrics'"],
    [['--threads'], 'expected value for argument'],
  ] as const)('ends with 1 over %j', async ([flags, said]) => {
    const { code, output } = await endOf(server.path, [...model(), ...flags]);
    expect(code).toBe(1);
    expect(output).toContain(said);
  });

  test('starts itself again as a router, for a model of a preset', async () => {
    writeFileSync(file('presets.ini'), `version = 1\n\n[small]\nmodel = ${file('tiny.gguf')}\n`);
    const { url } = await serve(server.path, ['--models-preset', file('presets.ini')]);
    const answer = await ask(`${url}/v1/chat/completions`, { ...chat, model: 'small' });
    expect(answer).toMatchObject({ status: 200, json: { model: 'small' } });
  });

  function shards(name: string, count: number): readonly string[] {
    return shardedModel(name, count).map((shard) => {
      writeFileSync(file(shard.name), shard.bytes);
      return shard.name;
    });
  }
});
