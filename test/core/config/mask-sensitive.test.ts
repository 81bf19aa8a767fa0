import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../src/core/config/load.ts';
import { locate } from '../../../src/core/config/locate.ts';
import { maskSensitive } from '../../../src/core/config/mask-sensitive.ts';
import { errorAt } from '../../../src/core/diagnostic.ts';
import { diagnosticsHuman } from '../../../src/core/report/diagnostics-human.ts';
import { plainStyle } from '../../../src/core/report/style.ts';

test.for([
  ['API_KEY = "secret"', 'API_KEY = "••••••"'],
  ['apikey = "secret"', 'apikey = "••••••"'],
  ['"--api-key " = "secret"', '"••••••••••" = "••••••"'],
  ['extra_args = "--api-key secret"', 'extra_args = "••••••••••••••••"'],
  ['user_data = "secret" # note', 'user_data = "••••••" # note'],
  ['user_data: secret words # note', 'user_data: •••••••••••• # note'],
  ["user_data='secret'", "user_data='••••••'"],
  ['guest.user_data = "a\\"b\\\\" # c', 'guest.user_data = "••••••" # c'],
  ['"user_data" = ""', '"user_data" = ""'],
  ['user_data = 2025-01-31 10:00:00 # x', 'user_data = ••••••••••••••••••• # x'],
  ['g = { user_data = true, user = "x" }', 'g = { user_data = ••••, user = "x" }'],
  ['user_data = { a = "b" } # x', 'user_data = ••••••••••• # x'],
  ['user_data = """a\nb\\"""c"""\nuser = "x"', 'user_data = """•\n••••••"""\nuser = "x"'],
  ["user_data = '''a\n'b'''", "user_data = '''•\n••'''"],
  [
    'ssh_authorized_keys = ["a", \'b\', # c\n  1,\n]\nuser = "x"',
    'ssh_authorized_keys = ["•", \'•\', # •\n  •,\n]\nuser = "x"',
  ],
  ['# ssh_authorized_keys = ["a b"]\nx = 1', '# ssh_authorized_keys = ••• •••\nx = 1'],
  ['# see user_data in the docs = yes', '# see user_data in the docs = yes'],
  ['my_user_data = "x"\nuser_data_x = "y"', 'my_user_data = "x"\nuser_data_x = "y"'],
  ['name = "user_data = 1" # user', 'name = "user_data = 1" # user'],
  ['user_data = "a\nuser = "x"', 'user_data = "•\nuser = "x"'],
  ['user_data =', 'user_data ='],
  ['user_data = """a\nb', 'user_data = """•\n•'],
  [
    'ssh_authorized_keys = [\n  "a\n  b==\nuser = "x"',
    'ssh_authorized_keys = [\n  "•\n  •••\nuser = "x"',
  ],
  [
    'ssh_authorized_keys = ["a"\n[boot]\nkernel = "x"',
    'ssh_authorized_keys = ["•"\n[boot]\nkernel = "x"',
  ],
  ['ssh_authorized_keys = [["a"], { b = "c" }]', 'ssh_authorized_keys = [["•"], • • • "•" •]'],
  [
    'x = "-----BEGIN PRIVATE KEY-----\nab\n-----END PRIVATE KEY-----" # y',
    `x = "${'•'.repeat(27)}\n••\n${'•'.repeat(25)}" # y`,
  ],
  ["x = '-----BEGIN RSA PRIVATE KEY-----a'\ny = 1", `x = '${'•'.repeat(32)}'\ny = 1`],
  ['-----BEGIN PRIVATE KEY-----\nab', `${'•'.repeat(27)}\n••`],
] as const)('masks %j', ([text, masked]) => {
  expect(maskSensitive(text)).toBe(masked);
});

test('keeps every line and column, and is the same when done twice', () => {
  const piece = fc.constantFrom(
    'user_data',
    'ssh_authorized_keys',
    'x',
    '=',
    ' = ',
    '"',
    "'",
    '"""',
    "'''",
    '[',
    ']',
    '{',
    '}',
    '\n',
    '\r\n',
    '\\',
    '#',
    ',',
    '1',
    '😀',
    '-----BEGIN PRIVATE KEY-----',
    '-----END PRIVATE KEY-----',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join('');
      const masked = maskSensitive(text);
      expect(masked.length).toBe(text.length);
      expect(masked.replace(/[^\r\n]/g, '')).toBe(text.replace(/[^\r\n]/g, ''));
    }),
  );
});

test('finds the same places in a masked text', () => {
  const text = `[guest]\nuser_data = 12 # a\nssh_authorized_keys = [\n "a\\"", # "\n 7 ]\nuser = 1\n`;
  const at = [
    '/guest/user_data',
    '/guest/ssh_authorized_keys/0',
    '/guest/ssh_authorized_keys/1',
    '/guest/user',
  ];
  const problems = at.map((pointer) => errorAt('rule', pointer, 'message'));
  expect(locate(maskSensitive(text), problems)).toEqual(locate(text, problems));
});

/** What the program prints about a file. */
function reported(text: string): string {
  const loaded = loadConfig(new TextEncoder().encode(text));
  if (loaded.result.ok) return '';
  const problems = locate(loaded.text, loaded.result.diagnostics);
  return diagnosticsHuman(problems, { file: 'f.toml', text: loaded.text }, plainStyle);
}

test.for([
  ['no quotes', 'ssh_authorized_keys = hunter2\n'],
  ['no closing quote', 'ssh_authorized_keys = ["hunter2]\n'],
  ['options and no quotes', 'ssh_authorized_keys = no-pty,command="x" hunter2\n'],
  ['two values', 'user_data = "x" "hunter2"\n'],
  ['an escape that is none', 'user_data = "\\hunter2"\n'],
  ['a number', 'user_data = 2hunter2\n'],
  [
    'a key over several lines',
    'ssh_authorized_keys = ["-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----"]\n',
  ],
  ['a comma that is missing', 'ssh_authorized_keys = ["a" "hunter2"]\n'],
  ['a table that is not closed', 'x = { user_data = "hunter2"\n'],
  ['the key twice', 'user_data = "a"\nuser_data = "hunter2"\n'],
  ['another table', 'user = "x"\n[global]\nuser_data = "hunter2"\n'],
  ['a file that is no text', 'user_data = "hunter2\u0000"\n'],
  ['version 1', 'user_data = "hunter2"\n'],
])('prints no secret of a file with %s', ([, text]) => {
  const shown = reported(`schema_version = 2\n[guest]\n${text}`);
  expect(shown).toMatch(/^error\[/);
  expect(shown).not.toContain('hunter2');
});
