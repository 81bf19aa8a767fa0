/** `runtime 1`, `runtimes 1 and 2`, `runtimes 1, 2 and 5` */
export function runtimesInWords(indices: readonly number[]): string {
  const sorted = indices.toSorted((a, b) => a - b);
  const last = sorted.at(-1);
  if (sorted.length < 2) return `runtime ${last ?? '-'}`;
  return `runtimes ${sorted.slice(0, -1).join(', ')} and ${last}`;
}
