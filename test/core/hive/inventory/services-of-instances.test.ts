import { expect, test } from 'vitest';
import type { TomlTree } from '../../../../src/core/config/toml-tree.ts';
import {
  type InstancePlace,
  servicesOfInstances,
} from '../../../../src/core/hive/inventory/services-of-instances.ts';
import { type InstanceParts, llamaInstance } from '../../../support/llama-instance.ts';

const host: InstancePlace = { kind: 'host' };
const guest: InstancePlace = {
  ...{ kind: 'guest', name: 'big', index: 2, address: '192.168.249.12' },
  gpus: ['0000:01:00.0', '0000:02:00.0'],
};

function offerOf(parts: InstanceParts, place = host) {
  return servicesOfInstances([llamaInstance(parts)], place);
}

function assetIds(server: TomlTree) {
  return offerOf({ server }).services[0]?.assets.map(({ asset_id }) => asset_id);
}

test('an instance of the host is a service of its unit', () => {
  const server = { host: '0.0.0.0', alias: 'llama3', ctx_size: 8192, api_prefix: '/llm' };
  const path = { model: '/models/llama-3-8b-Q4_K_M.gguf' };
  expect(
    offerOf({ name: 'chat', server: { ...server, ...path }, control: { gpu_ids: '0, 1' } }),
  ).toEqual({
    services: [
      {
        ...{ name: 'chat', kind: 'chat', scheme: 'http', address: null, port: 8080, path: '/llm' },
        runtime: {
          ...{ engine: 'llama.cpp', launcher: 'managed' },
          ...{ unit: 'vllmd-llama@chat.service', gpu_ids: '0,1' },
        },
        assets: [{ asset_id: 'llama3', context_size: 8192 }],
      },
    ],
    assets: [
      {
        ...{
          asset_id: 'llama3',
          family: null,
          modality: 'text',
          operation: 'chat',
          format: 'gguf',
        },
        locator: { kind: 'path', value: '/models/llama-3-8b-Q4_K_M.gguf' },
        metadata: { quant: 'Q4_K_M' },
      },
    ],
    notes: [],
  });
});

test('an instance of a guest is a service at the address of the guest, with the GPUs of that', () => {
  const { services } = offerOf({ name: 'chat', server: { host: '0.0.0.0' } }, guest);
  expect(services).toMatchObject([
    {
      ...{ name: 'big.chat', address: '192.168.249.12' },
      runtime: { runtime_name: 'big', runtime_index: 2, gpus: guest.gpus },
    },
  ]);
  const without = offerOf({ server: { host: '::' }, control: { gpu_ids: 'none' } }, guest);
  expect(without.services[0]?.runtime).toMatchObject({ gpus: [], gpu_ids: 'none' });
});

test.for<readonly [string, string | null]>([
  ['', '127.0.0.1'],
  ['127.0.0.1', '127.0.0.1'],
  ['Localhost', '127.0.0.1'],
  ['::1', '::1'],
  ['0.0.0.0', null],
  ['[::]', null],
  ['127.0.0.1,0.0.0.0', null],
  ['127.0.0.1, 10.0.0.7', '10.0.0.7'],
  ['/run/a.sock,10.0.0.7', '10.0.0.7'],
  ['gpu.test', 'gpu.test'],
])('an instance of the host that listens on "%s" is reached at %s', ([listens, address]) => {
  const { services, notes } = offerOf({ server: { host: listens } });
  expect(services.map((service) => service.address)).toEqual([address]);
  const isLocal = ['127.0.0.1', '::1'].includes(address ?? '');
  expect(notes).toEqual(
    isLocal
      ? ['a: it listens on the loopback address: only a registry on this host reaches it']
      : [],
  );
});

test.for<readonly [string, InstanceParts, InstancePlace, string]>([
  ['without a port', { port: undefined }, host, 'its file names no port'],
  [
    'on a UNIX socket',
    { port: undefined, server: { host: '/run/a.sock' } },
    host,
    'it listens on UNIX sockets alone',
  ],
  [
    'that ranks',
    { server: { rerank: true } },
    host,
    'it ranks documents, and no kind of service is that',
  ],
  ['on the loopback address', {}, guest, 'it listens on the loopback address of its guest alone'],
  [
    'of a guest without a known address',
    { server: { host: '0.0.0.0' } },
    { ...guest, address: '' },
    'the address of its guest is not known',
  ],
  [
    'below a prefix that no URL has',
    { server: { api_prefix: 'llm' } },
    host,
    'what its file says of its address makes no URL that a service may have',
  ],
  [
    'on an address where clouds keep their keys',
    { server: { host: '169.254.1.1' } },
    host,
    'what its file says of its address makes no URL that a service may have',
  ],
])('an instance %s is left out, and told of', ([, parts, place, why]) => {
  const name = place.kind === 'host' ? 'a' : 'big.a';
  expect(offerOf(parts, place)).toEqual({
    ...{ services: [], assets: [] },
    notes: [`${name} is left out: ${why}`],
  });
});

test('an asset is called by each alias, else by its file or its repository', () => {
  expect(assetIds({ alias: 'b,a' })).toEqual(['b', 'a']);
  expect(assetIds({ model: '/models/GLM-4.7-Q2_K-00001-of-00003.gguf' })).toEqual(['GLM-4.7-Q2_K']);
  expect(assetIds({ hf_repo: 'ggml-org/gemma:Q8_0' })).toEqual(['ggml-org/gemma:Q8_0']);
  expect(assetIds({ model_url: 'https://models.test/x/m.gguf' })).toEqual(['m']);
  expect(assetIds({ model: '/models/.gguf' })).toEqual(['a']);
});

test.for<readonly [string, string | undefined]>([
  ['/m/qwen3-8b-q4_k_m.gguf', 'Q4_K_M'],
  ['/m/GLM-4.7-Q2_K-00001-of-00003.gguf', 'Q2_K'],
  ['/m/gemma-3-UD-IQ2_XXS.gguf', 'IQ2_XXS'],
  ['/m/llama.BF16.gguf', 'BF16'],
  ['/m/phi-Q8_0.gguf', 'Q8_0'],
  ['/m/Q4_0.gguf', 'Q4_0'],
  ['/m/llama-3-8b.gguf', undefined],
  ['/m/faq8_0.gguf', undefined],
])('the file name %s says that the model is quantized as %s', ([model, quant]) => {
  expect(offerOf({ server: { model } }).assets.map(({ metadata }) => metadata)).toEqual([
    quant === undefined ? {} : { quant },
  ]);
});

test('an option that stands for a model makes no document of it', () => {
  const offer = offerOf({ model: undefined, server: { gpt_oss_20b_default: true } });
  expect(offer.services.map(({ assets }) => assets)).toEqual([
    [{ asset_id: 'a', context_size: null }],
  ]);
  expect(offer.assets).toEqual([]);
  expect(offer.notes[1]).toMatch(/^a: its model is known by an option alone/);
});

test('a router is a service whose models nobody knows', () => {
  const offer = offerOf({ server: { models_dir: '/models', host: '0.0.0.0' } });
  expect(offer.services.map(({ assets }) => assets)).toEqual([[]]);
  expect(offer).toMatchObject({
    assets: [],
    notes: ['a: it starts several models, which its file does not name'],
  });
});

test('a key is told of and not shown', () => {
  const offer = offerOf({ server: { host: '0.0.0.0', api_key: 'sk-1' } });
  expect(offer.notes).toEqual(['a: it wants a key, and the registry sends it none']);
  expect(JSON.stringify(offer)).not.toContain('sk-1');
});

test('with a certificate the address is one of HTTPS', () => {
  const tls = { ssl_key_file: '/k', ssl_cert_file: '/c' };
  expect(offerOf({ server: tls }).services[0]?.scheme).toBe('https');
});
