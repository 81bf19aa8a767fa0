import { lookup as systemLookup } from 'node:dns';
import { isIPv6, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { isForbiddenHost } from '../../../../core/hive/read/endpoint.ts';
import type { Limits } from '../server-options.ts';

/** What a service has answered: the status is known, the body has still to come. */
export type Answer = {
  readonly status: number;
  readonly contentType: string;
  readonly retryAfter: string | undefined;
  readonly body: Readable;
};

/** Why there is no answer. */
export type Failure = {
  /** `silent`: no connection within the time for it; `timeout`: there was one, and no answer. */
  readonly kind: 'unreachable' | 'silent' | 'timeout' | 'closed' | 'aborted';
};

export type UpstreamRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
  readonly signal: AbortSignal;
};

export type Upstreams = {
  readonly post: (request: UpstreamRequest) => Promise<Answer | Failure>;
  readonly close: () => Promise<void>;
};

/** Connections to services, which are kept and used again. */
export function openUpstreams({ connectTimeoutMs, readTimeoutMs, inFlight }: Limits): Upstreams {
  const agent = new Agent({
    connections: inFlight,
    headersTimeout: readTimeoutMs,
    bodyTimeout: readTimeoutMs,
    connect: { timeout: connectTimeoutMs, lookup: lookupAllowed },
  });
  return {
    post: (upstream) => post(upstream, agent),
    close: () => agent.destroy(),
  };
}

async function post(upstream: UpstreamRequest, dispatcher: Agent): Promise<Answer | Failure> {
  const { url, headers, body, signal } = upstream;
  try {
    const answer = await request(url, { method: 'POST', headers, body, signal, dispatcher });
    return {
      status: answer.statusCode,
      contentType: text(answer.headers['content-type']) ?? '',
      retryAfter: text(answer.headers['retry-after']),
      body: answer.body,
    };
  } catch (error) {
    return failureOf(error, signal);
  }
}

function text(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

const kindOfCode: Readonly<Record<string, Failure['kind']>> = {
  UND_ERR_CONNECT_TIMEOUT: 'silent',
  ETIMEDOUT: 'silent',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
  UND_ERR_SOCKET: 'closed',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
};

/** What has become of a request, or of the body of its answer. */
export function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) return { kind: 'aborted' };
  return { kind: kindOfCode[codeOf(error)] ?? 'unreachable' };
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const { code, cause } = error as Error & { readonly code?: unknown };
  if (typeof code === 'string') return code;
  return cause === undefined ? '' : codeOf(cause);
}

/**
 * What a name stands for can change behind its registration, to an address that no endpoint may have.
 */
const lookupAllowed: LookupFunction = (name, options, done) => {
  systemLookup(name, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, []);
    const usable = addresses.filter(
      ({ address }) => !isForbiddenHost(isIPv6(address) ? `[${address}]` : address),
    );
    const [first] = usable;
    if (first === undefined) return done(refused(name), []);
    if (options.all === true) return done(null, usable);
    return done(null, first.address, first.family);
  });
};

function refused(name: string): Error {
  const error = new Error(`${name} has no address that an endpoint may have`);
  return Object.assign(error, { code: 'EFORBIDDEN' });
}
