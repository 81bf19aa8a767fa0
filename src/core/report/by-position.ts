import type { Diagnostic } from '../diagnostic.ts';

/** The order of the file; what is of no place in it comes last. */
export function byPosition({ position: a }: Diagnostic, { position: b }: Diagnostic): number {
  if (a === undefined || b === undefined) return (a ? 0 : 1) - (b ? 0 : 1);
  return a.line - b.line || a.column - b.column;
}
