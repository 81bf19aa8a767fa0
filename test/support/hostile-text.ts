import fc from 'fast-check';

/** What some syntax on the way from a config to a guest treats as its own, or what people do not see. */
const TOKENS = [
  ...[
    '"',
    "'",
    '\\',
    '\\\\',
    '\\n',
    '\\x41',
    '\\"',
    '`',
    '$',
    '$$',
    '$HOME',
    '$' + '{HOME}',
    '$(id)',
  ],
  ...[
    '%',
    '%%',
    '%i',
    '%n',
    '%h',
    '%s',
    '50%',
    '#',
    ';',
    ' #',
    ' ;',
    '=',
    ':',
    ',',
    '|',
    '!',
    '&',
    '*',
  ],
  ...[
    '[ 1, 2 ]',
    '[1]',
    '[',
    ']',
    '{',
    '}',
    '{{name}}',
    '}}',
    '<',
    '>',
    '- ',
    '? ',
    '@',
    '~',
    '~/',
    '.',
    '..',
  ],
  ...[
    '/',
    '//',
    '/./',
    '-',
    '--',
    'null',
    'yes',
    'off',
    '0x1F',
    '1e3',
    '1_000',
    '12:30',
    '1979-05-27',
  ],
  ...[
    '__proto__',
    'constructor',
    'toString',
    '[Service]',
    'ExecStart=/bin/sh',
    'A=1',
    '--==vllmd==',
  ],
  ...[' ', '  ', '\u00a0', '\u3000', '\u2003', '\u00ad', '\u200b', '\u200d', '\u2060', '\ufeff'],
  ...[
    '\u202e',
    '\u2066',
    '\u2069',
    '\u061c',
    'e\u0301',
    'Z\u0351\u0334',
    'ü',
    'ß',
    'İ',
    'ﬀ',
    '٣',
    '日本',
    '한',
  ],
  ...['👩‍👩‍👧', '🇩🇪', '𝒳', '\u{e0001}', '\u{10fffd}', '\ufffd', '\ue000'],
  ...['a', 'B', 'z', '0', '7', '_', 'run', 'x'.repeat(300)],
];

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
