import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask, endOf, fakeLlamaServer, listen, serve, startsOf } from '../support/llama-server.ts';

/** The arguments for a model that behaves so. */
function model(behaviour: unknown): readonly [flag: string, path: string] {
  const folder = mkdtempSync(join(tmpdir(), 'vllmd-fake-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'model.json');
  writeFileSync(path, typeof behaviour === 'string' ? behaviour : JSON.stringify(behaviour));
  return ['--model', path];
}

test('serves its alias, and notes how it was started', async () => {
  const args = [...model({}), '--alias', 'one'];
  const { url, pid, stop } = await serve(fakeLlamaServer, args);
  expect(await ask(`${url}/v1/models`)).toMatchObject({ json: { data: [{ id: 'one' }] } });
  const answer = await ask(`${url}/v1/chat/completions`, { messages: [] });
  expect(answer).toMatchObject({ status: 200, json: { model: 'one' } });
  expect(await ask(`${url}/nothing`)).toMatchObject({ status: 404 });
  expect(await stop()).toMatchObject({ code: 0 });
  const starts = startsOf(args[1] ?? '');
  expect(starts).toMatchObject([{ pid, env: { PATH: process.env['PATH'] } }]);
  expect(starts[0]?.argv.slice(-4)).toEqual(args);
});

test('is not healthy before it has loaded', async () => {
  const { url } = await listen(fakeLlamaServer, model({ loadMs: null }));
  expect(await ask(`${url}/v1/models`)).toMatchObject({ status: 503 });
  expect(await ask(`${url}/health`)).toMatchObject({
    status: 503,
    json: { error: { message: 'Loading model' } },
  });
  await ask(`${url}/fake/load`);
  expect(await ask(`${url}/health`)).toMatchObject({ status: 200 });
});

test('takes as long to load as its model says', async () => {
  const { url } = await serve(fakeLlamaServer, model({ loadMs: 100 }));
  expect(await ask(`${url}/health`)).toMatchObject({ status: 200 });
});

test.for([
  [{ end: {}, says: 'out of memory' }, 0, 'out of memory'],
  [{ end: { code: 3 }, says: 'no such device' }, 3, 'no such device'],
  [{ end: { signal: 'SIGABRT' }, says: 'GGML_ASSERT' }, 'SIGABRT', 'GGML_ASSERT'],
  ['no JSON', 1, 'failed to load model'],
] as const)('ends at once as its model says: %j', async ([behaviour, code, said]) => {
  const ended = await endOf(fakeLlamaServer, model(behaviour));
  expect(ended.code).toBe(code);
  expect(ended.output).toContain(said);
  expect(ended.output).not.toContain('listening');
});

test('ends with 1 without a model, and over a port that is taken', async () => {
  expect(await endOf(fakeLlamaServer, [])).toMatchObject({ code: 1 });
  const { url } = await serve(fakeLlamaServer, model({}));
  const taken = await endOf(fakeLlamaServer, [...model({}), '--port', new URL(url).port]);
  expect(taken).toMatchObject({ code: 1, output: expect.stringContaining("couldn't bind") });
});

test('ends when it has been up for a while, or when it is asked to', async () => {
  const timed = await listen(fakeLlamaServer, model({ end: { afterMs: 500, code: 7 } }));
  expect(await timed.ended).toMatchObject({ code: 7 });
  const asked = await serve(fakeLlamaServer, model({}));
  await ask(`${asked.url}/fake/end`);
  expect(await asked.ended).toMatchObject({ code: 1 });
});

test('goes on at a signal that it ignores', async () => {
  const { url, pid, stop } = await serve(fakeLlamaServer, model({ ignores: ['SIGTERM'] }));
  process.kill(pid, 'SIGTERM');
  expect(await ask(`${url}/health`)).toMatchObject({ status: 200 });
  expect(await stop('SIGKILL')).toMatchObject({ code: 'SIGKILL' });
});
