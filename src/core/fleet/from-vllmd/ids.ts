/** The longest that an ID may be. */
const MAX_LENGTH = 64;

/** IDs that names can be told by, each another one, in their order. */
export function idsOf(names: readonly string[]): readonly string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain = idOf(name);
    let id = plain;
    for (let next = 2; taken.has(id); next += 1) {
      const ending = `-${next}`;
      id = plain.slice(0, MAX_LENGTH - ending.length) + ending;
    }
    taken.add(id);
    return id;
  });
}

/** Small letters, digits and hyphens of a name: `Qwen 2.5 (big)` is `qwen-2-5-big`. */
export function idOf(name: string): string {
  const plain = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, MAX_LENGTH)
    .replace(/-$/, '');
  return plain === '' ? 'unnamed' : plain;
}
