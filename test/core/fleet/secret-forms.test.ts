import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactTail, redactText } from '../../../src/core/fleet/redact.ts';
import { framedOutput } from '../../../src/host/fleet/framed-output.ts';

const PEM = [
  '-----BEGIN PRIVATE KEY-----',
  'MIIEvQIBADANBgkqhkiG9w0BAQ',
  'EFAASCBKcwggSjAgEAAoIBAQC7',
  '-----END PRIVATE KEY-----',
].join('\n');

test('a secret of several lines is hidden whole, by its lines and as JSON has it', () => {
  const [, second = ''] = PEM.split('\n');
  const text = [PEM, `key: ${second}!`, JSON.stringify({ a: PEM })].join('\n---\n');
  expect(redactText(text, [PEM])).toBe(
    ['[REDACTED]', 'key: [REDACTED]!', '{"a":"[REDACTED]"}'].join('\n---\n'),
  );
});

test('a secret is hidden in JSON that is ASCII alone', () => {
  expect(redactText(String.raw`{"a":"g\u00fcnstig!"}`, ['günstig!'])).toBe('{"a":"[REDACTED]"}');
});

/** Of letters that are in no other text of these tests. */
const line = fc.string({
  unit: fc.constantFrom('Q', 'W', 'Z', '"', '\\', "'", 'Ü', '𝄞', ' ', '$', '{', '\t', ']'),
  minLength: 8,
  maxLength: 24,
});
const anchored = line.map((text) => `Q${text}W`);
const secret = fc.array(anchored, { minLength: 1, maxLength: 4 }).map((lines) => lines.join('\n'));

/** Every part of so many characters. */
function partsOf(text: string): readonly string[] {
  return [...text].slice(0, -9).map((_, at) => [...text].slice(at, at + 10).join(''));
}

test('no line of a secret is in a text that was cut to its last lines', () => {
  fc.assert(
    fc.property(secret, fc.nat(6), (hidden, most) => {
      const text = `before\n${hidden}\nafter`.split('\n').slice(-most).join('\n');
      for (const own of hidden.split('\n')) expect(redactText(text, [hidden])).not.toContain(own);
    }),
  );
});

test('the end of a log that begins within a secret tells nothing of it', () => {
  fc.assert(
    fc.property(secret, fc.nat(), (hidden, nth) => {
      const at = nth % hidden.length;
      const shown = redactTail(`${hidden.slice(at)}\nafter`, [hidden]);
      for (const part of partsOf(hidden)) expect(shown).not.toContain(part);
    }),
  );
});

test('what is left of a secret on both sides of what output leaves out is hidden', () => {
  fc.assert(
    fc.property(secret, fc.nat(140), fc.nat(140), (hidden, before, behind) => {
      const output = framedOutput('m');
      const head = '.'.repeat(32_768 - before);
      const tail = '.'.repeat(32_768 - behind);
      output.add(Buffer.from(`m[${head}${hidden}${'.'.repeat(70_000)}${hidden}${tail}m]0;`));
      expect(output.text()).toContain('bytes left out');
      const shown = redactText(output.text(), [hidden]);
      for (const part of partsOf(hidden)) expect(shown).not.toContain(part);
    }),
    { numRuns: 50 },
  );
});
