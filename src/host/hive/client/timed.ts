/** What comes of something, and how long it took. */
export async function timed<Value>(
  work: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly elapsedMs: number }> {
  const start = performance.now();
  const value = await work();
  // Further digits are those of the clock.
  return { value, elapsedMs: Number((performance.now() - start).toFixed(3)) };
}
