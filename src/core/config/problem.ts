import { type Diagnostic, errorAt } from '../diagnostic.ts';
import { isSensitive } from './schema-keys.ts';
import { keyName, showTyped, showValue, typeName } from './show-value.ts';

/** An error whose message begins with its key. */
export function problem(rule: string, at: string, text: string, help?: string): Diagnostic {
  return errorAt(rule, at, `${keyName(at)}: ${text}`, help);
}

/** `, got "x"`; of a sensitive key nothing is told. */
export function got(at: string, value: unknown): string {
  return isSensitive(at) ? '' : `, got ${showValue(value)}`;
}

/** `, got "8" (string)`; of a sensitive key the type alone is told. */
export function gotTyped(at: string, value: unknown): string {
  if (!isSensitive(at)) return `, got ${showTyped(value)}`;
  const type = typeName(value);
  return `, got ${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;
}
