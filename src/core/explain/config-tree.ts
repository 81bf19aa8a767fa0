import type { ConfigInput } from '../config/config-input.gen.ts';
import { isTable } from '../config/toml-tree.ts';
import { validateConfig } from '../config/validate-config.gen.ts';
import { pointerSegments } from '../diagnostic.ts';

/** What stands at a JSON pointer; undefined where nothing does. */
export function valueAt(tree: unknown, pointer: string): unknown {
  let value = tree;
  for (const segment of pointerSegments(pointer)) {
    if (Array.isArray(value)) value = value[Number(segment)];
    else value = isTable(value) && Object.hasOwn(value, segment) ? value[segment] : undefined;
  }
  return value;
}

/** The config with another value at a place, none with undefined; undefined where the schema does not allow it. */
export function withValue(
  input: ConfigInput,
  pointer: string,
  value: unknown,
): ConfigInput | undefined {
  return withValues(input, [[pointer, value]]);
}

/** The same with several. */
export function withValues(
  input: ConfigInput,
  values: readonly (readonly [pointer: string, value: unknown])[],
): ConfigInput | undefined {
  const tree = values.reduce<unknown>(
    (changed, [pointer, value]) => replaced(changed, pointerSegments(pointer), value),
    input,
  );
  return validateConfig(tree) ? tree : undefined;
}

function replaced(tree: unknown, segments: readonly string[], value: unknown): unknown {
  const [first, ...rest] = segments;
  if (first === undefined) return value;
  if (Array.isArray(tree)) {
    const at = Number(first);
    const item = replaced(tree[at], rest, value);
    return item === undefined ? tree.toSpliced(at, 1) : tree.toSpliced(at, 1, item);
  }
  const { [first]: before, ...others } = isTable(tree) ? tree : {};
  const item = replaced(before, rest, value);
  return item === undefined ? others : { ...others, [first]: item };
}
