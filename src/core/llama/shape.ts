import { isScalar } from '../config/toml-tree.ts';
import { isNumberText } from './number-text.ts';

// Of a thousand instances most have the same options, each with a value of the same kind: they have one shape. Whatever
// depends on names and kinds alone is so for all of a shape as soon as it is so for one.

/** Printable, and no URL with a password in it. */
const UNREMARKABLE = /^[ -?A-~]*$/;

/** A mark for the kind of a value; undefined where the value itself may matter. */
export function kindOf(value: unknown): string | undefined {
  if (typeof value === 'string') return UNREMARKABLE.test(value) ? '/s' : undefined;
  if (typeof value === 'number') return '/n';
  if (typeof value === 'boolean') return value ? '/t' : '/f';
  return isScalar(value) && isNumberText(value().text) ? '/n' : undefined;
}

/** One of each shape, and each that has none. */
export function examplesOf<Shaped extends { readonly shape: string | undefined }>(
  all: readonly Shaped[],
): readonly Shaped[] {
  const seen = new Set<string>();
  return all.filter(({ shape }) => {
    if (shape === undefined) return true;
    const isNew = !seen.has(shape);
    seen.add(shape);
    return isNew;
  });
}
