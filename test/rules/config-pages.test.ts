import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { exampleProblems, exampleReader } from '../../src/core/catalogue/example-reader.ts';
import type { RuleExplanation } from '../../src/core/catalogue/explanation.ts';
import { explanations } from '../../src/core/catalogue/explanations.gen.ts';
import { documentReader } from '../../src/core/hive/files/document-reader.ts';
import { OVERRIDES_VARIABLE } from '../../src/core/llama/overrides.ts';
import { describedHost, testWorld } from '../support/world.ts';
import { frameOf, pageOf } from './page.ts';

const withExample = explanations.filter(
  (entry): entry is RuleExplanation & { wrong: string; right: string } =>
    entry.kind === 'rule' && entry.wrong !== undefined,
);

function readerOf(file: RuleExplanation['file']) {
  return file === 'document.yaml' ? documentReader : exampleReader(file);
}

test.for(withExample)('the page of $id, with what is said of its example', async ({ id }) => {
  await expect(await pageOf(id)).toMatchFileSnapshot(`expected/${id}.txt`);
});

test.for(withExample)('the wrong example of $id breaks this rule alone', (entry) => {
  const found = exampleProblems(entry.wrong, entry.mode, readerOf(entry.file));
  expect(new Set(found.map(({ rule }) => rule))).toEqual(new Set([entry.id]));
});

test.for(withExample)('the right example of $id is valid', ({ right, file }) => {
  expect(exampleProblems(right, 'strict', readerOf(file))).toEqual([]);
});

const minimal = '[global]\nuser = "vllm"\n';
const large = `${minimal}# ${'x'.repeat(2 ** 20)}\n`;
const schema = '#:schema ./schema.json\n';
const latin1 = Buffer.from(`# gr\u00fc\u00dfe\n${minimal}`, 'latin1');

/** What no example on a page can show. */
const files: readonly (readonly [string, Uint8Array | string, string])[] = [
  ['config-too-large', 'x'.repeat(8 * 2 ** 20 + 1), 'validate'],
  ['config-not-text', latin1, 'validate'],
  ['config-too-deep', `[${'a.'.repeat(70)}b]\n`, 'validate'],
  ['migrate-too-large', large, 'migrate'],
  ['schema-comment', `${schema}${minimal}`, 'validate'],
];

test.for(files)('the page of %s, and what is said of such a file', async ([id, text, command]) => {
  const world = testWorld(describedHost(), {
    readConfigFile: (path) => ({
      kind: 'bytes',
      bytes: path.endsWith('.json') ? Buffer.from('{}') : Buffer.from(text),
    }),
  });
  await run([command, 'vllmd.toml'], world);
  const shown = await pageOf(id, frameOf(id, world.err()));
  await expect(shown).toMatchFileSnapshot(`expected/${id}.txt`);
});

test('the page of fleet-file-mode, and what is said of a file that others can read', async () => {
  const text = readFileSync('fixtures/fleet-contract-2/runtimes.json');
  const world = testWorld(describedHost(), {
    readConfigFile: () => ({ kind: 'bytes', bytes: text, permissions: 0o644 }),
  });
  expect(await run(['hosts', 'validate', '--file', 'runtimes.json'], world)).toBe(0);
  const shown = await pageOf('fleet-file-mode', frameOf('fleet-file-mode', world.err()));
  await expect(shown).toMatchFileSnapshot('expected/fleet-file-mode.txt');
});

test('the page of fleet-file-writable, and what is said of a file that others can change', async () => {
  const text = readFileSync('fixtures/fleet-contract-1/runtimes.json');
  const world = testWorld(describedHost(), {
    readConfigFile: () => ({ kind: 'bytes', bytes: text, permissions: 0o664 }),
  });
  expect(await run(['hosts', 'validate', '--file', 'runtimes.json'], world)).toBe(0);
  const shown = await pageOf('fleet-file-writable', frameOf('fleet-file-writable', world.err()));
  await expect(shown).toMatchFileSnapshot('expected/fleet-file-writable.txt');
});

/** Of these it is not the file alone that shows what is said. */
const llamaCases = [
  {
    id: 'llama-overrides',
    file: '[master]\nenable = false\n',
    argv: ['validate', 'llama.toml'],
    env: { [OVERRIDES_VARIABLE]: '{"master": {"enable": true}' },
  },
  {
    id: 'llama-export',
    file: '[instance.small.server]\nmodel = "/models/small.gguf"\nsamplers = "top_k;temperature"\n',
    argv: ['export', '--config', 'llama.toml', '--format', 'llama-server-presets'],
    env: {},
  },
];

test.for(llamaCases)('the page of $id, and what is said', async ({ id, file, argv, env }) => {
  const world = testWorld(describedHost(), {
    readConfigFile: () => ({ kind: 'bytes', bytes: Buffer.from(file) }),
    env,
  });
  expect(await run(['llama', ...argv], world)).toBe(3);
  const shown = await pageOf(id, frameOf(id, world.err()));
  await expect(shown).toMatchFileSnapshot(`expected/${id}.txt`);
});
