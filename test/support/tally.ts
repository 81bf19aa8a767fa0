import { readFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

export type Tally = { readonly add: (name: string, count?: number) => void };

/**
 * Counts what a file of tests tries, by kind, and prints it at its end: `points tried: 182 (update 46, …)`, and how many
 * hosts those have led to where that was counted: `…), 71 different hosts`.
 */
export function tally(
  label: 'points tried' | 'states drawn' | 'inputs tried',
): Tally & { readonly sum: () => number; readonly addHosts: (count: number) => void } {
  const counts = new Map<string, number>();
  let hosts = 0;
  const sum = () => [...counts.values()].reduce((total, count) => total + count, 0);
  afterAll(() => {
    const each = [...counts].map(([name, count]) => `${name} ${count}`).join(', ');
    const led = hosts === 0 ? '' : `, ${hosts} different hosts`;
    process.stderr.write(`${label}: ${sum()} (${each})${led}\n`);
  });
  return {
    add: (name, count = 1) => counts.set(name, (counts.get(name) ?? 0) + count),
    addHosts: (count) => {
      hosts += count;
    },
    sum,
  };
}

/** The last test of a file, since it wants what all others have counted. */
export function readmeTells(file: string, sum: () => number): void {
  test('the README tells how many that were', () => {
    const { count, isAbout } = toldBy(file);
    if (isAbout) expect(Math.abs(sum() - count) / count).toBeLessThan(0.15);
    else expect(sum()).toBe(count);
  });
}

/** What the README's section on reliability tells about a command: `4286 points`, `about 450 points a run`. */
export function toldBy(
  command: string,
  unit = '(?:points|states|inputs)',
): { readonly count: number; readonly isAbout: boolean } {
  const row = readme
    .split('\n')
    .find(
      (line) =>
        line.startsWith('|') && line.includes(command) && new RegExp(`\\d ${unit}`).test(line),
    );
  const [, about, count] = new RegExp(`\\| (about )?(\\d+) ${unit}`).exec(row ?? '') ?? [];
  if (count === undefined)
    throw new Error(`README.md: no number of ${unit} in a row with ${command}`);
  return { count: Number(count), isAbout: about !== undefined };
}
