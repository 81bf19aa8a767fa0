import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FramedOutput, framedOutput } from '../../src/host/fleet/framed-output.ts';

const MARK = 'mark-1';

/** Gives it the text in pieces that end at these places. */
function given(text: string, cuts: readonly number[]): FramedOutput {
  const output = framedOutput(MARK);
  const bytes = Buffer.from(text);
  const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    output.add(bytes.subarray(start, end));
    start = end;
  }
  return output;
}

const cuts = fc.array(fc.nat(500), { maxLength: 8 });
const words = fc.string({
  unit: fc.constantFrom('m', 'a', 'mark-', 'mark-1', 'ü', '[', ';', '\n'),
});
/** What is taken out could leave a mark behind that its two halves make. */
const text = words.filter((word) => !word.includes(`${MARK}[`));

test('what stands between the marks is the same, however it comes in', () => {
  fc.assert(
    fc.property(text, text, text, cuts, (before, within, after, places) => {
      const all = `${before}\n${MARK}[${within}${MARK}]12;${after}`;
      const output = given(all, places);
      expect(output.hasBegun()).toBe(true);
      expect(output.preface()).toBe(`${before}\n`);
      expect(output.text()).toBe(within);
      expect(output.endWord()).toBe('12');
    }),
  );
});

test('what has been said is there before the end has come, and reading it changes nothing', () => {
  fc.assert(
    fc.property(text, cuts, (within, places) => {
      const output = given(`${MARK}[${within}`, places);
      expect(output.text()).toBe(within);
      expect(output.text()).toBe(within);
      expect(output.endWord()).toBeUndefined();
    }),
  );
});

test('without a mark all of it was said by others', () => {
  fc.assert(
    fc.property(text, cuts, (before, places) => {
      const output = given(before, places);
      expect(output.hasBegun()).toBe(false);
      expect([output.preface(), output.text()]).toEqual([before, '']);
    }),
  );
});

test('of what is too much the middle is left out, and it says how much', () => {
  const output = framedOutput(MARK);
  output.add(Buffer.from(`${MARK}[begin`));
  const chunk = Buffer.alloc(1000, 'x');
  for (let index = 0; index < 100; index += 1) output.add(chunk);
  output.add(Buffer.from(`end${MARK}]0;`));
  const [, gap] = /\n… (\d+) bytes left out …\n/.exec(output.text()) ?? [];
  expect(output.text()).toMatch(/^beginx+\n… .*\nx+end$/);
  const kept = output.text().replace(/\n….*…\n/, '').length;
  expect(kept + Number(gap)).toBe(100_008);
  expect(kept).toBe(65_536);
});
