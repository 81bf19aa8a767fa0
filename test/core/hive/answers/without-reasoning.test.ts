import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutReasoning } from '../../../../src/core/hive/answers/without-reasoning.ts';
import type { Json } from '../../../../src/core/hive/documents.ts';

test('what a model has thought is removed at every depth', () => {
  const answer = {
    choices: [
      { message: { content: 'ok', reasoning_content: 'hidden' }, reasoning: { tokens: 4 } },
      [[{ reasoning: null }]],
    ],
    reasoning_effort: 'low',
  };
  expect(withoutReasoning(answer)).toEqual({
    choices: [{ message: { content: 'ok' } }, [[{}]]],
    reasoning_effort: 'low',
  });
});

test('no such key is left, and an answer without one is the same value', () => {
  const { json } = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<Json>(null, 1, 'reasoning', true),
      fc.array(tie('json')),
      fc.dictionary(
        fc.constantFrom('reasoning', 'reasoning_content', 'a', '__proto__'),
        tie('json'),
      ),
    ),
  }));
  fc.assert(
    fc.property(json, (answer) => {
      const before = JSON.stringify(answer);
      const shown = withoutReasoning(answer);
      expect(JSON.stringify(shown)).not.toMatch(/"reasoning(_content)?":/);
      expect(withoutReasoning(shown)).toBe(shown);
      expect(JSON.stringify(answer)).toBe(before);
    }),
  );
});
