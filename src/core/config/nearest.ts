/** The candidate that was probably meant, if any is close enough to be worth proposing. */
export function nearest(text: string, candidates: readonly string[]): string | undefined {
  // Longer words cannot be close, and the distance is quadratic.
  if (text.length > 40) return undefined;
  const wanted = normalised(text);
  const most = allowance(wanted);
  const ranked = candidates
    // One that is longer or shorter by more is as far away at least.
    .filter((candidate) => Math.abs(candidate.length - wanted.length) <= most)
    .map((candidate) => ({ candidate, distance: distance(wanted, normalised(candidate)) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best !== undefined && best.distance <= most) return best.candidate;
  return candidates.find(
    (candidate) => wanted.length >= 3 && normalised(candidate).includes(wanted),
  );
}

function normalised(text: string): string {
  return text.toLowerCase().replaceAll('-', '_');
}

function allowance(text: string): number {
  return Math.max(1, Math.floor(text.length / 3));
}

/** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
function distance(a: string, b: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      const isSwap = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current.push(
        Math.min(
          at(last, column) + 1,
          at(current, column - 1) + 1,
          at(last, column - 1) + cost,
          isSwap ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
