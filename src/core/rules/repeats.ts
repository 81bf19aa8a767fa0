import { keyName, showValue } from '../config/show-value.ts';
import { type Diagnostic, errorAt, pointer, withNote } from '../diagnostic.ts';
import type { RuntimeDraft } from './draft.ts';

/** Each runtime whose value a runtime before it already has. */
export function repeats(
  rule: string,
  key: 'index' | 'name' | 'mac',
  runtimes: readonly RuntimeDraft[],
): readonly Diagnostic[] {
  const first = new Map<string | number, RuntimeDraft>();
  const found: Diagnostic[] = [];
  const help = `give each runtime its own ${key}${key === 'index' ? freeIndex(runtimes) : ''}`;
  for (const runtime of runtimes) {
    const value = runtime[key];
    if (value === undefined) continue;
    const earlier = first.get(value);
    if (earlier === undefined) {
      first.set(value, runtime);
      continue;
    }
    const at = runtime.pointer + pointer(key);
    const text = `${keyName(at)}: ${showValue(value)} is already used by ${earlier.label}`;
    const repeat = errorAt(rule, at, text, help);
    found.push(withNote(repeat, earlier.pointer + pointer(key), 'first used here'));
  }
  return found;
}

function freeIndex(runtimes: readonly RuntimeDraft[]): string {
  const taken = new Set(runtimes.map(({ index }) => index));
  let free = 1;
  while (taken.has(free)) free += 1;
  return `; ${free} is free`;
}
