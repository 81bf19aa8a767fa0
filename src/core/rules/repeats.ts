import { keyName, showValue } from '../config/show-value.ts';
import { type Diagnostic, errorAt, pointer } from '../diagnostic.ts';
import type { RuntimeDraft } from './draft.ts';

/** Each runtime whose value a runtime before it already has. */
export function repeats(
  rule: string,
  key: 'index' | 'name' | 'mac',
  runtimes: readonly RuntimeDraft[],
): readonly Diagnostic[] {
  const first = new Map<string | number, RuntimeDraft>();
  const found: Diagnostic[] = [];
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
    found.push(errorAt(rule, at, text, `give each runtime its own ${key}`));
  }
  return found;
}
