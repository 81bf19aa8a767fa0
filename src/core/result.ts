import type { Diagnostic } from './diagnostic.ts';

/** Two arms: a value with the warnings met on the way, or everything that is wrong. */
export type Result<Value> =
  | { readonly ok: true; readonly value: Value; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export function success<Value>(value: Value, warnings: readonly Diagnostic[] = []): Result<Value> {
  return { ok: true, value, warnings };
}

export function failure<Value>(diagnostics: readonly Diagnostic[]): Result<Value> {
  return { ok: false, diagnostics };
}
