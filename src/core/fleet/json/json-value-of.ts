import type { Node } from 'jsonc-parser';

/** What a part of a document says. A key such as `__proto__` is a key like any other. */
export function jsonValueOf({ type, value, children = [] }: Node): unknown {
  if (type === 'array') return children.map(jsonValueOf);
  if (type !== 'object') return value;
  return Object.fromEntries(
    children.flatMap(({ children: [key, content] = [] }) =>
      key === undefined || content === undefined ? [] : [[String(key.value), jsonValueOf(content)]],
    ),
  );
}
