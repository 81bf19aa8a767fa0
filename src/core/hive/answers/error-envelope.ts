import type { Kind } from '../documents.ts';

/** Which part of the router has failed, or the service behind it. */
export type ErrorCode =
  | 'chat_proxy_error'
  | 'embeddings_proxy_error'
  | 'transcription_proxy_error'
  | 'upstream_error';

/** The body of every error on the paths of the OpenAI API. */
export type ErrorEnvelope = {
  readonly error: {
    readonly message: string;
    readonly type: 'geniehive_error';
    readonly code: ErrorCode;
  };
};

/** Why a request to a service has no answer of it. */
export type ProxyFailure =
  | { readonly kind: 'bad_body'; readonly message: string }
  | { readonly kind: 'missing_model' }
  | { readonly kind: 'unknown_model'; readonly model: string }
  | { readonly kind: 'no_target'; readonly model: string }
  | { readonly kind: 'upstream_status'; readonly status: number; readonly text: string }
  | { readonly kind: 'unreachable' }
  | { readonly kind: 'not_json' }
  | { readonly kind: 'broken_off' }
  | { readonly kind: 'timed_out' };

/** An error with the status that it is sent with. */
export type ErrorAnswer = { readonly status: number; readonly body: ErrorEnvelope };

/** The answer that a caller gets instead; endpoints are not named in it, since they may hold credentials. */
export function errorAnswer(failure: ProxyFailure, service: Kind): ErrorAnswer {
  const own = (status: number, message: string): ErrorAnswer => ({
    status,
    body: errorEnvelope(message, `${service}_proxy_error`),
  });
  switch (failure.kind) {
    case 'bad_body':
      return own(400, failure.message);
    case 'missing_model':
      return own(400, "Missing 'model' in request body.");
    case 'unknown_model':
      return own(404, `Unknown model or role '${failure.model}'.`);
    case 'no_target':
      return own(503, `No healthy ${service} target available for '${failure.model}'.`);
    case 'upstream_status':
    case 'unreachable':
    case 'not_json':
    case 'broken_off':
    case 'timed_out':
      return upstreamAnswer(failure);
    default:
      return failure satisfies never;
  }
}

type UpstreamFailure = Extract<
  ProxyFailure,
  { readonly kind: 'upstream_status' | 'unreachable' | 'not_json' | 'broken_off' | 'timed_out' }
>;

function upstreamAnswer(failure: UpstreamFailure): ErrorAnswer {
  const of = (status: number, message: string): ErrorAnswer => ({
    status,
    body: errorEnvelope(message, 'upstream_error'),
  });
  switch (failure.kind) {
    case 'upstream_status':
      return of(failure.status, failure.text);
    case 'unreachable':
      return of(502, 'The service could not be reached.');
    case 'not_json':
      return of(502, 'The service has sent an answer that is not JSON.');
    case 'broken_off':
      return of(502, 'The service has broken off its answer.');
    case 'timed_out':
      return of(504, 'The service has not answered in time.');
    default:
      return failure satisfies never;
  }
}

/** An error as clients of the OpenAI API expect it. */
export function errorEnvelope(message: string, code: ErrorCode): ErrorEnvelope {
  return { error: { message, type: 'geniehive_error', code } };
}

/** The last event of a stream that fails after its begin; first it ends the event that is open. */
export function errorEvent(envelope: ErrorEnvelope): string {
  return `\ndata: ${JSON.stringify(envelope)}\n\n`;
}
