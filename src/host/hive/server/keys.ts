import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { Key } from './server-options.ts';

/** What is kept of a key. */
export function digestOf(key: string): Uint8Array {
  return createHash('sha256').update(key, 'utf8').digest();
}

/** The known key that this one is. It takes as long for each that is wrong, however wrong it is. */
export function findKey(given: string | undefined, keys: readonly Key[]): Key | undefined {
  if (given === undefined) return undefined;
  const digest = digestOf(given);
  let found: Key | undefined;
  for (const key of keys) {
    if (timingSafeEqual(digest, key.digest)) found = key;
  }
  return found;
}

export function clientKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const own = headers['x-api-key'];
  if (typeof own === 'string') return own;
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
}

export function nodeKeyOf(headers: IncomingHttpHeaders): string | undefined {
  const own = headers['x-geniehive-node-key'];
  return typeof own === 'string' ? own : undefined;
}
