import type { FastifyRequest, RouteShorthandOptions } from 'fastify';
import { detail } from './http-problem.ts';
import { clientKeyOf, findKey, nodeKeyOf } from './keys.ts';
import type { Key, ServerKeys } from './server-options.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The key that the request came with; undefined where none is needed. */
    hiveKey: Key | undefined;
  }
}

type Side = 'client' | 'node' | 'benchmarks';

/** Options of a route that only those with a key of that side may use. Strangers are sent away before their body is read. */
export type Access = { readonly guard: (side: Side) => RouteShorthandOptions };

export function accessBy(keys: ServerKeys): Access {
  const client = (request: FastifyRequest) => pass(clientKeyOf(request.headers), keys.clients);
  const checks: Readonly<Record<Side, (request: FastifyRequest) => Key | undefined>> = {
    client,
    node: (request) => pass(nodeKeyOf(request.headers), keys.nodes),
    benchmarks: (request) =>
      keys.benchmarks.length === 0
        ? client(request)
        : pass(clientKeyOf(request.headers), keys.benchmarks),
  };
  return {
    guard: (side) => ({
      onRequest: (request, _reply, done) => {
        request.hiveKey = checks[side](request);
        done();
      },
    }),
  };
}

function pass(given: string | undefined, known: readonly Key[]): Key | undefined {
  if (known.length === 0) return undefined;
  const key = findKey(given, known);
  if (key === undefined) throw detail(401, 'unauthorized', { 'www-authenticate': 'Bearer' });
  return key;
}

/** A key that is for some hosts says nothing of others. */
export function mustSpeakFor(key: Key | undefined, hostId: string): void {
  if (key?.hostIds === undefined || key.hostIds.includes(hostId)) return;
  throw detail(403, `the key ${key.id} is not for the host ${JSON.stringify(hostId)}`);
}
