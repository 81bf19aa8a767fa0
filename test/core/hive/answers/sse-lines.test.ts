import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type SseState,
  sseChunk,
  sseEnd,
  sseStart,
} from '../../../../src/core/hive/answers/sse-lines.ts';

type Read = { readonly output: string; readonly state: SseState | undefined };

function read(chunks: readonly string[], limit = 10_000): Read {
  let state = sseStart;
  let output = '';
  for (const chunk of chunks) {
    const step = sseChunk(state, chunk, limit);
    output += step.output;
    if (step.kind === 'line_too_long') return { output, state: undefined };
    state = step.state;
  }
  const end = sseEnd(state);
  return { output: output + end.output, state: end.state };
}

function splitAt(text: string, cuts: readonly number[]): readonly string[] {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)), text.length];
  const sorted = places.toSorted((one, other) => one - other);
  return sorted.slice(1).map((to, index) => text.slice(sorted[index], to));
}

const SECRET = 'hidden';
const key = fc.constantFrom('reasoning', 'reasoning_content', '\\u0072easoning');
const event = fc.oneof(
  key.map((name) => `{"choices":[{"delta":{"content":"hi","${name}":"${SECRET}"}}]}`),
  key.map((name) => `{"${name}":{"text":["${SECRET}"]},"usage":{"total_tokens":3}}`),
  key.map((name) => `{"a":{"${name}":"${SECRET}"},"a":1}`),
  fc.constantFrom('{"content": 1.0}', '[DONE]', 'not json', '', '{"timings":{"n":1}}'),
);
const line = fc.oneof(
  fc
    .tuple(fc.constantFrom('data:', 'data: ', '\uFEFFdata: '), event)
    .map((parts) => parts.join('')),
  fc.constantFrom('', ': comment', 'event: message', 'id: 1', 'data', 'retry: 10'),
);
const end = fc.constantFrom('\n', '\r\n', '\r');
const text = fc
  .tuple(fc.array(fc.tuple(line, end).map((parts) => parts.join(''))), fc.oneof(line, event))
  .map(([lines, last]) => lines.join('') + last);
const cuts = fc.array(fc.nat(2000), { maxLength: 30 });

test('any split of a stream into chunks gives the same', () => {
  fc.assert(
    fc.property(text, cuts, fc.constantFrom(20, 60, 10_000), (stream, places, limit) => {
      expect(read(splitAt(stream, places), limit)).toEqual(read([stream], limit));
    }),
  );
});

test('nothing of what a model has thought comes through, wherever a stream is cut or ends', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(line, end)), cuts, fc.nat(2000), (lines, places, length) => {
      const stream = lines
        .map((parts) => parts.join(''))
        .join('')
        .slice(0, length);
      expect(read(splitAt(stream, places)).output).not.toContain(SECRET);
    }),
  );
});

test('a stream without such fields comes through byte by byte', () => {
  const stream =
    ': ping\r\nevent: message\ndata:{"n": 1.0,  "id":12345678901234567890}\n\ndata: not json\n\ndata: [DONE]\n\n';
  expect(read([stream])).toMatchObject({ output: stream, state: { isDone: true } });
});

test('an event is cut down in its line alone', () => {
  const stream =
    'data: {"choices":[{"delta":{"content":"hi","reasoning_content":"hidden"}}]}\r\n\r\n';
  expect(read([stream]).output).toBe('data: {"choices":[{"delta":{"content":"hi"}}]}\r\n\r\n');
});

test('the figures are those of the last event that has them', () => {
  const stream =
    'data: {"usage":{"total_tokens":1}}\ndata: {"usage":null,"timings":{"predicted_per_second":9}}\ndata: {"usage":{"total_tokens":2}}\ndata: 5\n';
  expect(read([stream]).state).toMatchObject({
    isDone: false,
    usage: { total_tokens: 2 },
    timings: { predicted_per_second: 9 },
  });
});

test('an event that the end of the stream has cut off is dropped, and a whole one is not', () => {
  expect(read(['data: {"reasoning":"hid']).output).toBe('');
  expect(read(['data: {"reasoning":"hidden"}']).output).toBe('data: {}');
  expect(read([': comment']).output).toBe(': comment');
});

test('a line over the limit is an error, with its end or without', () => {
  const long = `data: ${'x'.repeat(50)}`;
  expect(sseChunk(sseStart, `ok\n${long}\n`, 20)).toEqual({
    kind: 'line_too_long',
    output: 'ok\n',
  });
  expect(sseChunk(sseStart, `ok\n${long}`, 20)).toEqual({ kind: 'line_too_long', output: 'ok\n' });
});
