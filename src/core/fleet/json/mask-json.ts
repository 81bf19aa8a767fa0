import { MASK } from '../../config/mask-sensitive.ts';
import { nearest } from '../../config/nearest.ts';
import { isMeantAsSecret, shortSecretFlags } from '../../config/sensitive-options.ts';
import { expandedKeyPath } from '../key-path.ts';
import { isSecretName, redactText } from '../redact.ts';

/**
 * The same text with its secrets masked, character by character, so that all else keeps its place. Also for text that is
 * no JSON, in which a secret may be the very mistake: then rather too much is masked. `home`: what `~/` of a key is.
 */
export function maskJson(text: string, home?: string): string {
  const secrets = new Set<string>();
  let masked = '';
  let end = 0;
  let state: State = { word: '', isSecret: false, depth: 0 };
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    const isHidden = isContent(token) && (state.isSecret || hasOwnSecret(token));
    const secret = withoutQuotes(token);
    if (isHidden) secrets.add(secret).add(expandedKeyPath(secret, home));
    masked += text.slice(end, index) + (isHidden ? hidden(token) : token);
    end = index + token.length;
    state = after(token, state);
  }
  // What repeats one of them elsewhere, in a command say.
  return [...secrets]
    .filter((secret) => secret.length >= LEAST_LENGTH)
    .reduce((rest, secret) => rest.replaceAll(secret, hidden), masked + text.slice(end));
}

const LEAST_LENGTH = 4;

/** A text, also one that is not closed on its line; a word; or one character. */
const TOKEN = /"(?:[^"\\\r\n]|\\[^\r\n])*"?|'(?:[^'\r\n])*'?|[^\s"'[\]{},:]+|[[\]{},:]/g;

type State = {
  /** The last text or word. */
  readonly word: string;
  /** What follows is a secret, up to a comma or the end of an object. */
  readonly isSecret: boolean;
  /** How many brackets are open within a secret. */
  readonly depth: number;
};

function after(token: string, state: State): State {
  const { word, isSecret, depth } = state;
  // What follows the key of a secret is one, with a colon between them or without.
  if (isContent(token)) {
    return { ...state, word: token, isSecret: isSecret || isSecretKey(withoutQuotes(token)) };
  }
  if (/[[{]/.test(token)) return isSecret ? { ...state, depth: depth + 1 } : state;
  if (/[\]}]/.test(token) && depth > 0) return { ...state, depth: depth - 1 };
  if (depth > 0) return state;
  const last = withoutQuotes(word);
  if (token === ':') return { ...state, isSecret: isSecretKey(last) };
  const isBeforeSecret = isSecretFlag(last) || secretKeys.includes(last);
  return { ...state, isSecret: token === ',' && isBeforeSecret };
}

function isContent(token: string): boolean {
  return !/^[[\]{},:]$/.test(token);
}

/** Keys of the file that are called like a secret, and are none. */
const openKeys: ReadonlySet<string> = new Set(['max_tokens']);

const secretKeys = ['password', 'key_path'];

function isSecretKey(key: string): boolean {
  if (openKeys.has(key)) return false;
  return isSecretName(key) || nearest(key, secretKeys) !== undefined;
}

function isSecretFlag(word: string): boolean {
  return word.startsWith('-') && (isMeantAsSecret(word) || shortSecretFlags.includes(word));
}

/** `--api-key=SECRET`, `HF_TOKEN=SECRET llama-server` */
function hasOwnSecret(token: string): boolean {
  const text = withoutQuotes(token);
  return redactText(text, []) !== text;
}

function withoutQuotes(token: string): string {
  return token.replace(/^["']|["']$/g, '');
}

function hidden(text: string): string {
  const quotes = /^["']/.exec(text)?.[0] ?? '';
  const isClosed = quotes !== '' && text.length > 1 && text.endsWith(quotes);
  const inside = text.slice(quotes.length, isClosed ? -1 : undefined);
  return quotes + inside.replace(/[^\r\n]/g, MASK) + (isClosed ? quotes : '');
}
