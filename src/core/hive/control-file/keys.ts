import { createHash } from 'node:crypto';
import { isJsonObject, ownValue } from '../../fleet/json-value.ts';
import type { Loc, Tell } from '../read/problem.ts';
import type { ApiKey, NodeKey } from './control.ts';

/** A digest in the place of a key. */
const DIGEST = /^sha256:([\da-f]{64})$/i;

/** A header holds a key only where it has no blanks and is ASCII. */
const KEY = /^[\x21-\x7e]+$/;

/** Looks at texts that are keys; none of them is told. */
export function checkKeys(value: unknown, loc: Loc, tell: Tell): void {
  const first = new Map<string, number>();
  for (const [index, item] of (Array.isArray(value) ? value : []).entries()) {
    const { text, at } = writtenKey(item, [...loc, index]);
    if (text === undefined) continue;
    const msg = keyProblem(text) ?? repeated(text, index, first);
    if (msg !== undefined) tell({ type: 'value_error', loc: at, msg, input: HIDDEN });
  }
}

/** What is no text at all is told by its kind. */
function writtenKey(item: unknown, loc: Loc): { readonly text: string | undefined; at: Loc } {
  const isObject = isJsonObject(item);
  const written: unknown = isObject ? ownValue(item, 'key') : item;
  const text = typeof written === 'string' ? written : undefined;
  return { text, at: isObject ? [...loc, 'key'] : loc };
}

function repeated(text: string, index: number, first: Map<string, number>): string | undefined {
  const { sha256 } = apiKey(text);
  const earlier = first.get(sha256);
  if (earlier === undefined) first.set(sha256, index);
  return earlier === undefined
    ? undefined
    : `Input should be another key than number ${earlier + 1} of the list`;
}

const HIDDEN = '[REDACTED]';

function keyProblem(text: string): string | undefined {
  if (/^sha256:/i.test(text)) {
    return DIGEST.test(text)
      ? undefined
      : 'Input should have 64 hexadecimal digits behind sha256:, the digest of the key';
  }
  return KEY.test(text) ? undefined : 'Input should be a key of ASCII characters without blanks';
}

/** A key that `checkKeys` has found nothing wrong with. */
export function apiKey(text: string): ApiKey {
  const digest = DIGEST.exec(text)?.[1];
  return { sha256: digest?.toLowerCase() ?? createHash('sha256').update(text).digest('hex') };
}

/** As the table leaves an entry of the keys of nodes. */
export type WrittenNodeKey =
  | string
  | {
      readonly key: string;
      readonly key_id: string | null;
      readonly host_ids: readonly string[] | null;
    };

export function nodeKey(entry: WrittenNodeKey): NodeKey {
  if (typeof entry === 'string') return { ...apiKey(entry), keyId: undefined, hostIds: undefined };
  const { key, key_id: keyId, host_ids: hostIds } = entry;
  return { ...apiKey(key), keyId: keyId ?? undefined, hostIds: hostIds ?? undefined };
}
