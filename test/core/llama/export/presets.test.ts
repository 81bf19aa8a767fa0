import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TomlTree } from '../../../../src/core/config/toml-tree.ts';
import { presetsOf } from '../../../../src/core/llama/export/presets.ts';
import { checked, exportedTree } from '../../../support/llama-exports.ts';

function exported(tree: TomlTree) {
  const result = presetsOf(checked(tree));
  if (!result.ok) throw new Error(result.diagnostics.map(({ message }) => message).join('\n'));
  return result.value;
}

/** The lines of the one section of a file. */
function linesOf(server: TomlTree): readonly string[] {
  const { text } = exported({ instance: { a: { server: { model: '/m', port: 1, ...server } } } });
  return text.split('\n').filter((line) => line !== '' && line !== 'model = /m');
}

function refusals(server: TomlTree): readonly string[] {
  const tree = { instance: { a: { server: { model: '/m', port: 1, ...server } } } };
  const result = presetsOf(checked(tree));
  return result.ok ? [] : result.diagnostics.map(({ pointer, message }) => `${pointer} ${message}`);
}

test('keys are long names without dashes, and switches are true', () => {
  const server = { ctx_size: 512, metrics: true, no_warmup: true, slots: false, chat_template: '' };
  expect(linesOf({ ...server, extra_args: ['-t', '4', '-nkvo', '--top_k', '5'] })).toEqual([
    '[a]',
    'threads = 4',
    'no-kv-offload = true',
    'top-k = 5',
    'ctx-size = 512',
    'metrics = true',
    'no-warmup = true',
    'chat-template =',
  ]);
});

test('the last value of an option counts, and those that add up stand together', () => {
  const server = { threads: 8, n_predict: 1, predict: 2, warmup: true, lora: ['/b', '/c'] };
  const words = ['--threads', '4', '--lora', '/a', '--no-warmup', '--tags', 'x'];
  expect(linesOf({ ...server, extra_args: words, tags: 'y,z' })).toEqual([
    '[a]',
    'threads = 8',
    'lora = /a,/b,/c',
    'warmup = true',
    'tags = x,y,z',
    'predict = 2',
  ]);
});

test('what only the router can be given is left out, and told', () => {
  const server = { host: '0.0.0.0', port: 1, api_prefix: '/v', api_key: 'k', hf_token: 't' };
  const { text, notes } = exported({
    instance: {
      server: { model: '/m' },
      a: { server, control: { gpu_ids: '0' } },
      b: { server: { port: 2 }, control: { gpu_ids: 'all', log_file: '/l' } },
    },
  });
  expect(text).toBe('[a]\nmodel = /m\n\n[b]\nmodel = /m\n');
  expect(notes).toEqual([
    'one llama-server starts all of them, with one log: how each is launched is left out',
    'what only that llama-server can be given is left out: --host (a), --port (a, b), --api-prefix (a), --api-key (a), --hf-token (a), gpu_ids (a)',
  ]);
});

test('an alias belongs to one model', () => {
  const { text, notes } = exported({
    instance: {
      server: { model: '/m' },
      a: { server: { extra_args: ['--port', '1', '-a', 'b,x,a'], alias: ['y', 'y'] } },
      b: { server: { port: 2, alias: 'x;1,z' } },
      c: { server: { port: 3, alias: 'x' } },
    },
  });
  expect(text.match(/^alias = .*$/gm)).toEqual(['alias = x,y', 'alias = z']);
  expect(notes.at(-1)).toContain('is left out: "b", "x;1", "x"');
});

test.for(['a;b', 'a#b', '#', ' a', 'a ', '\ta', 'a\nb'])(
  '%j is no value of a preset',
  (grammar) => {
    expect(refusals({ grammar })).toEqual([
      expect.stringMatching(
        /^\/instance\/a\/server\/grammar .*: a value of a preset ends at ";", "#"/,
      ),
    ]);
  },
);

test('what a router would not start with is refused, all of it at once', () => {
  const words = ['--no-such', 'x', '--control-vector-layer-range', '1', '2', '--models-max', '2'];
  expect(refusals({ mlock: true, extra_args: words, logit_bias: ['1+1', '2+1'] })).toEqual([
    expect.stringMatching(/extra_args\/0 .*--no-such is no option of llama-server 0\.7\.0/),
    expect.stringMatching(/extra_args\/3 .*--control-vector-layer-range takes several values/),
    expect.stringMatching(/extra_args\/6 .*--models-max makes the instance a router/),
    expect.stringMatching(/server\/mlock .*--mlock is no option of/),
    expect.stringMatching(/logit_bias\/1 .*--logit-bias is given several times/),
  ]);
  expect(refusals({ draft_max: 4 })).toHaveLength(1);
  expect(refusals({ logit_bias: ['1+1'] })).toEqual([]);
});

test('a file is a section an instance, in which each line is a key and a value, or it is refused', () => {
  const seen = { right: 0, refused: 0 };
  fc.assert(
    fc.property(exportedTree, (tree) => {
      const file = checked(tree);
      const result = presetsOf(file);
      if (!result.ok) {
        seen.refused += 1;
        return;
      }
      seen.right += 1;
      const { text } = result.value;
      expect(text).not.toContain('sk-secret');
      expect(text.match(/^\[.*\]$/gm)).toEqual(file.instances.map(({ name }) => `[${name}]`));
      const lines = text.split('\n').filter((line) => !/^(?:\[[\w.-]+\])?$/.test(line));
      for (const line of lines)
        expect(line).toMatch(/^[a-z][a-z0-9-]* =(?: [^ \t;#\n](?:[^;#\n]*[^ \t;#\n])?)?$/u);
    }),
    { numRuns: 1000 },
  );
  expect(Math.min(seen.right, seen.refused)).toBeGreaterThan(20);
});
