import fc from 'fast-check';
import hostileTokens from './hostile-tokens.json' with { type: 'json' };

/**
 * What some syntax on the way from a config to a guest treats as its own, or what people do not see; and one that no name has
 * room for several times.
 */
const TOKENS: readonly string[] = [...hostileTokens, 'x'.repeat(300)];

/** What no value may have, in text that a TOML file may hold all the same. */
const REFUSED = [
  ...['\n', '\r', '\t', '\0', '\u001b[31m', '\u007f', '\u0085', '\u009f', '\u2028', '\u2029'],
  ...['\ufdd0', '\ufffe', '\uffff', '\u{1fffe}', '\u{10ffff}'],
];

/** Text that a config may hold wherever it may hold any text. */
export const hostileText: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...TOKENS) },
      { weight: 2, arbitrary: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 2 }) },
    ),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => parts.join(''));

/** Now and then with something in it that has to be refused. */
export const roughText: fc.Arbitrary<string> = fc
  .tuple(hostileText, fc.constantFrom(...REFUSED), hostileText)
  .map((parts) => parts.join(''));

export const tokens: fc.Arbitrary<string> = fc.constantFrom(...TOKENS, ...REFUSED);
