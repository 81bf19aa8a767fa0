import { MASK } from '../../config/mask-sensitive.ts';
import { nearest } from '../../config/nearest.ts';

/**
 * The same text with its keys masked, character by character, so that all else keeps its place. Also for text that is no
 * YAML, in which a secret may be the very mistake: then rather too much is masked.
 */
export function maskText(text: string): string {
  let secret: Secret | undefined;
  const lines = text.split('\n').map((line) => {
    if (secret !== undefined && isOutside(line, secret)) secret = undefined;
    const start = secret === undefined ? secretStart(line) : 0;
    if (start === undefined) return line;
    const masked = maskedWords(line.slice(start));
    secret ??= { indent: indentOf(line), open: 0 };
    secret = { ...secret, open: Math.max(0, secret.open + openedBy(masked)) };
    return line.slice(0, start) + masked;
  });
  return lines.join('\n').replace(USER_OF_URL, (_, user: string) => `//${hidden(user)}@`);
}

/** What is behind the name of a key, up to a line that is no part of it. */
type Secret = {
  readonly indent: number;
  /** Brackets that are not closed yet: what is between them may stand as far left as it likes. */
  readonly open: number;
};

function indentOf(line: string): number {
  return /^ */.exec(line)?.[0].length ?? 0;
}

function openedBy(masked: string): number {
  const content = masked.replace(/(?:^|\s)#.*$/, '');
  return content.replace(/[^[{]/g, '').length - content.replace(/[^\]}]/g, '').length;
}

/** A name and a password before the host. */
const USER_OF_URL = /\/\/([^\s/@"']+)@/g;

const SECRET_KEY = /(?:^|[\s{,"'_-])(?:api_?keys?|keys?|password|secret|token)["']?\s*:/i;

/** Where the value of a key begins that is called like a secret. */
function secretStart(line: string): number | undefined {
  const match = SECRET_KEY.exec(line);
  return match === null ? undefined : match.index + match[0].length;
}

/** A list may stand as far left as its key. */
function isOutside(line: string, { indent, open }: Secret): boolean {
  const content = line.trim();
  if (content === '' || content.startsWith('#') || open > 0) return false;
  const own = indentOf(line);
  return own < indent || (own === indent && !/^[-\]},]/.test(content));
}

const WORD = /"(?:[^"\\\n]|\\.)*"?|'[^'\n]*'?|[^\s"'[\]{},]+/g;

/** What is called like a key of an entry stays, and so do brackets and dashes. */
function maskedWords(line: string): string {
  return line.replace(WORD, (word, index: number) => {
    if (/^[-:#]$/.test(word)) return word;
    const rest = line.slice(index + word.length);
    const name = word.replace(/^["']|["']?:?$/g, '');
    const isKey = word.endsWith(':') || /^\s*:/.test(rest);
    return isKey && isNameOfEntry(name) ? word : hidden(word);
  });
}

const entryKeys = ['key', 'key_id', 'host_ids'];

function isNameOfEntry(name: string): boolean {
  return nearest(name, entryKeys) !== undefined;
}

function hidden(text: string): string {
  return text.replace(/[^\r\n]/g, MASK);
}
