import { expect, test } from 'vitest';
import {
  errorAnswer,
  errorEnvelope,
  errorEvent,
  type ProxyFailure,
} from '../../../../src/core/hive/answers/error-envelope.ts';

test.each<readonly [ProxyFailure, number, string, string]>([
  [{ kind: 'bad_body', message: 'no JSON' }, 400, 'no JSON', 'chat_proxy_error'],
  [{ kind: 'missing_model' }, 400, "Missing 'model' in request body.", 'chat_proxy_error'],
  [{ kind: 'unknown_model', model: 'm' }, 404, "Unknown model or role 'm'.", 'chat_proxy_error'],
  [
    { kind: 'no_target', model: 'm' },
    503,
    "No healthy chat target available for 'm'.",
    'chat_proxy_error',
  ],
  [{ kind: 'upstream_status', status: 429, text: 'slow' }, 429, 'slow', 'upstream_error'],
  [{ kind: 'unreachable' }, 502, 'The service could not be reached.', 'upstream_error'],
  [{ kind: 'not_json' }, 502, 'The service has sent an answer that is not JSON.', 'upstream_error'],
  [{ kind: 'broken_off' }, 502, 'The service has broken off its answer.', 'upstream_error'],
  [{ kind: 'timed_out' }, 504, 'The service has not answered in time.', 'upstream_error'],
])('a failure has its status and its code: %o', (failure, status, message, code) => {
  expect(errorAnswer(failure, 'chat')).toEqual({
    status,
    body: { error: { message, type: 'geniehive_error', code } },
  });
});

test('each kind of service has its own code', () => {
  const code = (kind: 'embeddings' | 'transcription'): string =>
    errorAnswer({ kind: 'missing_model' }, kind).body.error.code;
  expect(code('embeddings')).toBe('embeddings_proxy_error');
  expect(code('transcription')).toBe('transcription_proxy_error');
});

test('an error in a stream is an event of one line', () => {
  expect(errorEvent(errorEnvelope('a\nb', 'upstream_error'))).toBe(
    '\ndata: {"error":{"message":"a\\nb","type":"geniehive_error","code":"upstream_error"}}\n\n',
  );
});
