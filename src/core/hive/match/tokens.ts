/** The words of a text: runs of ASCII letters and digits, in lower case. Japanese text has none. */
export function tokensOf(...texts: readonly string[]): ReadonlySet<string> {
  return new Set(
    texts
      .join(' ')
      .toLowerCase()
      .match(/[a-z0-9]+/g),
  );
}

/** The part of a query's words that a text has. */
export function overlap(query: ReadonlySet<string>, text: ReadonlySet<string>): number {
  if (query.size === 0) return 0;
  let shared = 0;
  for (const token of query) if (text.has(token)) shared += 1;
  return shared / query.size;
}
