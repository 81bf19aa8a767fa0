import { visible } from '../control-characters.ts';
import { keyPath } from '../diagnostic.ts';
import { hasPrivateKey } from './private-key.ts';
import { isScalar, isTable } from './toml-tree.ts';

const LONGEST = 60;

/** At most 60 characters, the cut marked. */
export function shortened(text: string): string {
  if (text.length <= LONGEST) return text;
  // Cut before splitting into characters: a value can be megabytes long.
  return `${[...text.slice(0, LONGEST)].slice(0, LONGEST - 1).join('')}…`;
}

/** A key as the operator writes it, safe to print. */
export function keyName(pointer: string): string {
  return shortened(visible(keyPath(pointer.slice(0, 4 * LONGEST))));
}

/** A string as TOML writes it, shortened; a private key is shown nowhere. */
export function quoted(text: string): string {
  if (hasPrivateKey(text)) return 'a private key';
  const body = visible(shortened(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"'));
  return `"${shortened(body)}"`;
}

/** A value without its type: `"8"`, `8.0`, `a table`. */
export function showValue(value: unknown): string {
  if (typeof value === 'string') return quoted(value);
  if (isScalar(value)) return shortened(value().text);
  if (Array.isArray(value)) return 'an array';
  return isTable(value) ? 'a table' : String(value);
}

/** A value with its type: `"8" (string)`. */
export function showTyped(value: unknown): string {
  const shown = showValue(value);
  return Array.isArray(value) || isTable(value) ? shown : `${shown} (${typeName(value)})`;
}

export function typeName(value: unknown): string {
  if (typeof value === 'number') return 'integer';
  if (Array.isArray(value)) return 'array';
  if (isScalar(value)) return value().kind;
  return isTable(value) ? 'table' : typeof value;
}
