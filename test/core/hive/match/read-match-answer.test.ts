import { expect, test } from 'vitest';
import { readMatchAnswer } from '../../../../src/core/hive/match/read-match-answer.ts';
import { wholeDocument } from '../../../support/hive-documents.ts';

const candidate = wholeDocument('route_match_candidate');

test('an answer has its candidates, and all that it says besides', () => {
  const body = { status: 'ok', candidates: [candidate], more: 1 };
  expect(readMatchAnswer(body)).toMatchObject({
    ...{ body, isDegraded: false, candidates: [{ score: expect.any(Number) }] },
  });
  expect(readMatchAnswer({ candidates: [], degraded: true })).toMatchObject({
    ...{ candidates: [], isDegraded: true },
  });
});

test.each([undefined, [], {}, { candidates: {} }, { candidates: [1] }])(
  '%j is no such answer',
  (body) => {
    expect(readMatchAnswer(body)).toBeUndefined();
  },
);

test('one candidate that is none makes it no answer', () => {
  expect(readMatchAnswer({ candidates: [candidate, {}] })).toBeUndefined();
});
