import fc from 'fast-check';
import { expect, test } from 'vitest';
import { llamaResolve } from '../../../src/cli/commands/llama-resolve.ts';
import { llamaValidate } from '../../../src/cli/commands/llama-validate.ts';
import { maskSensitive } from '../../../src/core/config/mask-sensitive.ts';
import { LLAMA_SECRET as SECRET } from '../../support/llama-trees.ts';
import { describedHost, type TestWorld, testWorld } from '../../support/world.ts';

const spelling = fc.constantFrom('api_key', 'api-key', '"api_key"', 'hf_token', 'hf-token');
const value = fc.constantFrom(
  `"${SECRET}"`,
  `'${SECRET}'`,
  `"""${SECRET}"""`,
  `["${SECRET}", "${SECRET}"]`,
  `[\n  "${SECRET}", # a comment\n]`,
  `[true, "${SECRET}"]`,
  `{ a = "${SECRET}" }`,
);
const key = fc.tuple(spelling, value).map(([name, text]) => `${name} = ${text}`);
const words = fc
  .tuple(
    fc.constantFrom('--api-key', '-hft', '--hf-token', '--api_key'),
    fc.constantFrom('', '-'),
    fc.boolean(),
  )
  .map(([flag, dash, isJoined]) => {
    const isShort = flag === '-hft';
    return isJoined && !isShort
      ? `extra_args = ["--verbose", "${flag}=${SECRET}"]`
      : `extra_args = ["--verbose", "${flag}", "${dash}${SECRET}", "stray"]`;
  });
const line = fc.oneof(key, words);
const other = fc.constantFrom(
  '',
  'port = 0',
  'flash_attn = true',
  'no_such = 1',
  'port = 1\nport = 2',
);

const file = fc
  .tuple(line, other, fc.constantFrom('', 'model = "/m.gguf"\n'), fc.boolean())
  .map(([secret, more, model, isDefault]) => {
    const lines = `${model}${secret}\n${more}\n`;
    return isDefault
      ? `[instance.server]\n${lines}\n[instance.a]\n[instance.b]\n`
      : `[instance.a.server]\n${lines}`;
  });

test('no output of any command has a secret of the file in it, whether it is accepted or not', async () => {
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(file, async (text) => {
      for (const ask of [
        (world: TestWorld) => llamaValidate({ config: 'x', json: false }, world),
        (world: TestWorld) => llamaValidate({ config: 'x', json: true }, world),
        (world: TestWorld) => llamaResolve({ config: 'x' }, world),
        (world: TestWorld) => llamaResolve({ config: 'x', lenient: true }, world),
      ]) {
        const world = testWorld(describedHost(), {
          readConfigFile: () => ({ kind: 'bytes', bytes: Buffer.from(text) }),
        });
        seen.add(await ask(world));
        expect(world.out() + world.err(), text).not.toContain(SECRET);
      }
    }),
    { numRuns: 200 },
  );
  expect(seen).toEqual(new Set([0, 3]));
});

test('nor has one a secret of the overrides', async () => {
  const overrides = (server: object) => JSON.stringify({ instance: { a: { server } } });
  for (const text of [
    overrides({ api_key: SECRET }),
    overrides({ api_key: { a: SECRET } }),
    overrides({ api_key: [SECRET, null] }),
    overrides({ extra_args: ['--api-key', SECRET] }),
    overrides({ extra_args: [`--api-key=${SECRET}`] }),
    `{"instance": "${SECRET}`,
    `"${SECRET}"`,
  ]) {
    const world = testWorld(describedHost(), {
      env: { AUTO_INFER_LLAMA_CPP_OVERRIDES: text },
      readConfigFile: () => ({
        kind: 'bytes',
        bytes: Buffer.from('[instance.a.server]\nmodel = "/m"\nport = 1\n'),
      }),
    });
    await llamaResolve({ config: 'x' }, world);
    expect(world.out() + world.err(), text).not.toContain(SECRET);
  }
});

test('the words behind a flag of a secret are masked in an excerpt, and no others', () => {
  expect(maskSensitive('extra_args = ["-hft", "abc", "-c", "8"]')).toBe(
    'extra_args = ["-hft", "•••", "-c", "8"]',
  );
  expect(maskSensitive('extra_args = ["--api-key=abc"]')).not.toContain('abc');
  expect(maskSensitive('extra_args = ["--api_key", "abc"]')).not.toContain('abc');
});
