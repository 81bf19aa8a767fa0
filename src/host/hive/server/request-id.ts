import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The one that the client has given, where it can stand in a header again; else a new one. */
export function requestIdOf({ headers }: IncomingMessage): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && /^[\x20-\x7e]{1,128}$/.test(given) ? given : randomUUID();
}
