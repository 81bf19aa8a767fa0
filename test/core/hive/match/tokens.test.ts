import { expect, test } from 'vitest';
import { roleTokens, serviceTokens } from '../../../../src/core/hive/match/texts.ts';
import { overlap, tokensOf } from '../../../../src/core/hive/match/tokens.ts';
import { role, service } from '../samples.ts';

test('the words of a text are its runs of ASCII letters and digits, in lower case', () => {
  expect([...tokensOf('Chat.Short_reasoning', 'CHAT 9b')]).toEqual([
    'chat',
    'short',
    'reasoning',
    '9b',
  ]);
  expect(tokensOf('重い 推論').size).toBe(0);
  expect(tokensOf().size).toBe(0);
});

test('the overlap is the part of the query that the text has', () => {
  const text = tokensOf('a b c d e f');
  expect(overlap(tokensOf('a b x'), text)).toBe(2 / 3);
  expect(overlap(tokensOf(''), text)).toBe(0);
  expect(overlap(tokensOf('a'), tokensOf(''))).toBe(0);
});

test('a role is described by its id, names, prompt and preferences', () => {
  const tokens = roleTokens(
    role('id-1', {
      display_name: 'Name',
      description: 'Text',
      system_prompt: 'Prompt',
      routing: { preferred_families: ['Family'], preferred_labels: ['k=v'] },
    }),
  );
  expect([...tokens]).toEqual(['id', '1', 'name', 'text', 'prompt', 'family', 'k', 'v']);
  expect([...roleTokens(role('bare'))]).toEqual(['bare']);
});

test('a service is described by its ids, its assets and what its runtime says', () => {
  const runtime = { engine: 'vLLM', off: false, none: {}, tags: ['a1'], index: 3 };
  const { row } = service('h1/chat/a', { assets: ['Qwen3-8B'], runtime });
  const words = 'h1 chat a qwen3 8b engine vllm tags a1 index 3';
  expect([...serviceTokens(row)]).toEqual(words.split(' '));
  expect(serviceTokens(row)).toBe(serviceTokens(row));
});
