import { expect, test } from 'vitest';
import type { TomlTree } from '../../../src/core/config/toml-tree.ts';
import type { ServedModel } from '../../../src/core/llama/instance.ts';
import { llamaInstance } from '../../support/llama-instance.ts';

function served(server: TomlTree): ServedModel {
  return llamaInstance({ server }).serves;
}

test('an instance with nothing but a model chats', () => {
  expect(served({})).toEqual({
    ...{ work: 'chat', isRouter: false, aliases: [], needsKey: false },
    source: { kind: 'path', value: '/m.gguf' },
    contextSize: undefined,
  });
});

test.for<readonly [TomlTree, ServedModel['work']]>([
  [{ embedding: true }, 'embeddings'],
  [{ embeddings: true }, 'embeddings'],
  [{ embeddings: false }, 'chat'],
  [{ extra_args: ['--embeddings'] }, 'embeddings'],
  [{ embd_gemma_default: true }, 'embeddings'],
  [{ rerank: true }, 'rerank'],
  [{ reranking: true, embedding: true }, 'rerank'],
  [{ embedding: true, pooling: 'rank' }, 'rerank'],
  [{ embedding: true, pooling: 'mean' }, 'embeddings'],
])('with %j the work of an instance is %s', ([server, work]) => {
  expect(served(server).work).toBe(work);
});

test('every alias is a name, wherever it is written', () => {
  const server = { extra_args: ['-a', 'one, two,', '--alias', 'three'], alias: 'one' };
  expect(served(server).aliases).toEqual(['one', 'two', 'three']);
});

test.for<readonly [TomlTree, string]>([
  [{ hf_repo: 'ggml-org/gemma:Q4_K_M' }, 'hf ggml-org/gemma:Q4_K_M'],
  [{ docker_repo: 'ai/gemma', hf_repo: 'a/b' }, 'oci ai/gemma'],
  [{ model_url: 'https://models.test/a/m.gguf' }, 'url https://models.test/a/m.gguf'],
  [{ model_url: 'https://me:sk@models.test/m.gguf?sig=sk#x' }, 'url https://models.test/m.gguf'],
])('with %j a model is downloaded, and the file is only where it is put', ([server, where]) => {
  const { source } = served(server);
  expect(`${source?.kind} ${source?.value}`).toBe(where);
});

// Each as llama-server 0.7.0 tells it in /props, with a model that was trained with 2048.
test.for<readonly [TomlTree, number | undefined]>([
  [{}, undefined],
  [{ ctx_size: 0 }, undefined],
  [{ ctx_size: 2048 }, 2048],
  [{ ctx_size: 2048, parallel: 4 }, 512],
  [{ ctx_size: 2048, parallel: 4, kv_unified: true }, 2048],
  [{ ctx_size: 2048, parallel: 4, extra_args: ['-kvu'] }, 2048],
  [{ ctx_size: 2048, parallel: 4, no_kv_unified: true }, 512],
  [{ ctx_size: 2048, parallel: -1 }, 2048],
  [{ ctx_size: 2048, no_kv_unified: true }, 2048],
  [{ ctx_size: 2048, parallel: 4, kv_unified_per_slot: 256 }, 256],
  [{ ctx_size: 2048, parallel: 4, kv_unified_per_slot: 1024 }, 512],
  [{ parallel: 4, kv_unified_per_slot: 1024 }, 1024],
])('with %j a request may have %s tokens', ([server, size]) => {
  expect(served(server).contextSize).toBe(size);
});

test('what wants a key is told of, and the key is not', () => {
  const all = [{ api_key: 'sk' }, { api_key_file: '/k' }, { extra_args: ['--api-key', 'sk'] }];
  for (const server of all) {
    expect(served(server).needsKey).toBe(true);
    expect(JSON.stringify(served(server))).not.toContain('sk');
  }
});

test('a router has models that the file does not name', () => {
  expect(served({ models_dir: '/models' }).isRouter).toBe(true);
  expect(served({ models_preset: '/models.ini' }).isRouter).toBe(true);
});
