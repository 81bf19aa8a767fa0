/** Keys and values of an environment file, as `envValue` wrote them. */
export function environmentOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .split('\n')
      .filter((line) => /^[A-Z]/.test(line))
      .map((line) => {
        const cut = line.indexOf('=');
        const value = line.slice(cut + 1);
        const isQuoted = value.startsWith('"');
        const plain = isQuoted ? value.slice(1, -1).replace(/\\(.)/g, '$1') : value;
        return [line.slice(0, cut), plain];
      }),
  );
}
