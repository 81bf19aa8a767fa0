const FACTOR = 10_000;
const DIGITS = 4;

/**
 * A number with four decimals. Its exact value is rounded, and one that lies halfway goes to the even digit: that can be
 * halfway only which is an odd multiple of 1/32, and there `toFixed` goes up.
 */
export function roundScore(value: number): number {
  const halves = value * 32;
  if (!Number.isInteger(halves) || halves % 2 === 0) return Number(value.toFixed(DIGITS)) + 0;
  const below = Math.floor(value * FACTOR);
  return (below % 2 === 0 ? below : below + 1) / FACTOR;
}
