import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AssetDocument, JsonMap } from '../../../../src/core/hive/documents.ts';
import { applyPolicy } from '../../../../src/core/hive/policy/apply.ts';
import { effectivePolicy } from '../../../../src/core/hive/policy/effective.ts';
import { isQwen3Model, looksLikeQwen3 } from '../../../../src/core/hive/policy/qwen3.ts';
import { shapeChatBody } from '../../../../src/core/hive/policy/shape-chat-body.ts';
import { targetAsset, upstreamModel } from '../../../../src/core/hive/policy/target-asset.ts';
import { withUserTemplate } from '../../../../src/core/hive/policy/user-template.ts';
import { hasRecorded, recorded } from '../recorded.ts';
import { asset, role, service } from './documents.ts';

const none: ReadonlyMap<string, AssetDocument> = new Map();
const noThinking = { chat_template_kwargs: { enable_thinking: false } };
const user = { role: 'user', content: 'hello' };
const mentor = role({
  system_prompt: 'ROLE SYSTEM',
  user_template: '<<{{ user_input }}>>',
  request_policy: {
    body_defaults: { temperature: 0.2, chat_template_kwargs: { enable_thinking: true, x: 1 } },
    system_prompt: 'RP',
    system_prompt_position: 'append',
  },
});
const qwen = service('h1/chat/q', [asset('qwen3-8b', true)]);

type Looks = readonly [string, boolean, { readonly differs: unknown }?];

test.skipIf(!hasRecorded)('Qwen3 is recognised as recorded, where the recording is there', () => {
  for (const [text, expected, differs] of recorded<Looks>('looks_like_qwen3')) {
    expect(looksLikeQwen3(text), text).toBe(expected);
    expect(isQwen3Model(text), text).toBe(differs === undefined ? expected : true);
  }
});

test('a shaped body has the template, the defaults, the prompt and the model', () => {
  const routed = { service: qwen, role: mentor, requested: 'mentor', assets: none };
  expect(shapeChatBody({ model: 'mentor', messages: [user], temperature: null }, routed)).toEqual({
    model: 'qwen3-8b',
    messages: [
      { role: 'user', content: '<<hello>>' },
      { role: 'system', content: 'RP' },
    ],
    temperature: null,
    chat_template_kwargs: { enable_thinking: true, x: 1 },
  });
});

test('no default changes the model', () => {
  const chat = service('s', [asset('a', true, { body_defaults: { model: 'other' } })]);
  const routed = { service: chat, role: undefined, requested: 's', assets: none };
  expect(shapeChatBody({ messages: [] }, routed)).toEqual({ model: 'a', messages: [] });
});

test('shaping leaves what it is given as it was', () => {
  const message = fc.oneof(
    fc.record({
      role: fc.constantFrom('user', 'system', 'assistant'),
      content: fc.oneof(fc.string(), fc.constant([{ type: 'text', text: 'x' }])),
    }),
    fc.constantFrom('junk', null, 3),
  );
  const bodies = fc.record(
    {
      messages: fc.oneof(fc.array(message), fc.constant('text')),
      chat_template_kwargs: fc.object(),
    },
    { requiredKeys: [] },
  ) as fc.Arbitrary<JsonMap>;
  const routed = { service: qwen, role: mentor, requested: 'mentor', assets: none };
  fc.assert(
    fc.property(bodies, (body) => {
      const before = JSON.stringify([body, routed]);
      const shaped = shapeChatBody(body, routed);
      expect(JSON.stringify([body, routed])).toBe(before);
      expect(shapeChatBody(body, routed)).toEqual(shaped);
    }),
  );
});

test('a key __proto__ of a body stays a key', () => {
  const body = JSON.parse('{"__proto__":{"polluted":1},"messages":[]}') as JsonMap;
  const routed = { service: qwen, role: mentor, requested: 'mentor', assets: none };
  const shaped = shapeChatBody(body, routed);
  expect(JSON.stringify(shaped)).toContain('"__proto__":{"polluted":1}');
  expect(Object.getPrototypeOf(shaped)).toBe(Object.prototype);
  expect('polluted' in {}).toBe(false);
});

test.each([
  ['prepend', ['S', 'old', 'u', 'old2']],
  ['append', ['old', 'u', 'old2', 'S']],
  ['replace', ['S', 'u', 'old2']],
] as const)('a system prompt goes to its place: %s', (position, contents) => {
  const messages = [
    { role: 'system', content: 'old' },
    { role: 'user', content: 'u' },
    'junk',
    { role: 'system', content: 'old2' },
  ];
  const shaped = applyPolicy(
    { messages },
    { system_prompt: 'S', system_prompt_position: position },
  );
  expect((shaped['messages'] as readonly JsonMap[]).map(({ content }) => content)).toEqual(
    contents,
  );
});

test('a template takes the last text of the user alone, whatever is in it', () => {
  const parts = { role: 'user', content: [{ type: 'text', text: 'picture' }] };
  const messages = [user, { role: 'user', content: '$& $1 {{ user_input }}' }, parts];
  expect(withUserTemplate({ messages }, '[{{user_input}}|{{  user_input }}]')).toEqual({
    messages: [
      user,
      { role: 'user', content: '[$& $1 {{ user_input }}|$& $1 {{ user_input }}]' },
      parts,
    ],
  });
  expect(withUserTemplate({ messages: [parts] }, '{{user_input}}')).toEqual({ messages: [parts] });
  expect(withUserTemplate({ messages: 'x' }, '{{user_input}}')).toEqual({ messages: 'x' });
});

test('the asset asked for answers, else the first loaded one, else the first', () => {
  const several = service('s', [asset('a'), asset('b', true), asset('c', true)]);
  expect(upstreamModel(several, 'a')).toBe('a');
  expect(upstreamModel(several, 's')).toBe('b');
  expect(upstreamModel(service('s', [asset('a'), asset('b')]), 's')).toBe('a');
  expect(upstreamModel(service('s', []), 's')).toBe('s');
  expect(targetAsset(service('s', []), 's')).toBeUndefined();
});

const family = (text: string | null): ReadonlyMap<string, AssetDocument> =>
  new Map([
    [
      'm',
      {
        asset_id: 'm',
        family: text,
        modality: 'text',
        operation: 'chat',
        format: null,
        locator: { kind: 'path', value: '/m' },
        metadata: {},
      },
    ],
  ]);

test.each([
  ['an asset', service('s', [asset('Qwen3.5-9B')]), 's', none],
  ['another asset of the service', service('s', [asset('llama'), asset('QWEN_3')]), 'llama', none],
  ['an asset behind its owner', service('s', [asset('Qwen/Qwen3-8B')]), 's', none],
  ['the requested name', service('s', []), 'Qwen/Qwen3-8B', none],
  ['the id of the service', service('qwen3-a', []), 'qwen3-a', none],
  ['the registered family', service('s', [asset('m')]), 's', family('Qwen3-8B')],
])('Qwen3 does not think by default: by %s', (_, chat, requested, assets) => {
  const routed = { service: chat, role: undefined, requested, assets };
  expect(effectivePolicy(routed)).toEqual({ body_defaults: noThinking });
});

test.each([
  ['a service whose last part is called so', service('h1/chat/qwen3', []), 'h1/chat/qwen3', none],
  ['an asset that has it within', service('s', [asset('my-qwen3')]), 's', none],
  ['no family', service('s', [asset('m')]), 's', family(null)],
  ['another kind', service('s', [asset('qwen3-embedding')], 'embeddings'), 's', none],
])('nothing applies to %s', (_, chat, requested, assets) => {
  expect(effectivePolicy({ service: chat, role: undefined, requested, assets })).toBeUndefined();
});

test('a role adds its prompt and its defaults to those of the asset', () => {
  const chat = service('s', [
    asset('qwen3', true, { body_defaults: { top_p: 1, temperature: 1 } }),
  ]);
  const plain = role({
    system_prompt: 'SP',
    request_policy: { body_defaults: { temperature: 0.2 } },
  });
  const routed = { service: chat, role: plain, requested: 'mentor', assets: none };
  expect(effectivePolicy(routed)).toEqual({
    body_defaults: { ...noThinking, top_p: 1, temperature: 0.2 },
    system_prompt: 'SP',
    system_prompt_position: 'prepend',
  });
});
