import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { schemaDiagnostic } from '../../../src/core/config/messages.ts';
import { parse } from '../../../src/core/config/parse.ts';
import { isTable, type TomlTree, type TomlValue } from '../../../src/core/config/toml-tree.ts';
import { validate } from '../../../src/core/config/validate.ts';
import { version2Keys } from '../../../src/core/config/version-2-keys.ts';
import type { Diagnostic } from '../../../src/core/diagnostic.ts';

function problemsOf(text: string): readonly Diagnostic[] {
  const parsed = parse(text);
  if (!parsed.ok) return parsed.diagnostics;
  const result = validate(parsed.value);
  return result.ok ? [] : result.diagnostics;
}

function runtime(lines: string): string {
  return `[global]\nuser = "vllm"\n[[runtimes]]\n${lines}\n`;
}

const FULL = `schema_version = 1
[global]
user = "sdake"
state_dir = "$HOME/.local/state/vllmd-hypervisor"
config_dir = "\${XDG_CONFIG_HOME}/vllmd"
default_memory_gb = 16
default_cpus = 4
[[runtimes]]
index = 1
gpus = ["0000:01:00.0", "0000:01:00.1"]
memory_gb = 32
cpus = 8
name = "runtime-1"
[[runtimes]]
index = 65533
name = "größer ✓"
[network]
default_interface = "eth0"
bridge_name = "vllmd-br0"
`;

test('accepts every key of the schema', () => {
  expect(problemsOf(FULL)).toEqual([]);
});

type Key = { readonly path: string; readonly type: string; readonly bounds: readonly number[] };

/** Every key of the schema, where it stands in the tables below. */
function schemaKeys(): readonly Key[] {
  const schema: unknown = JSON.parse(
    readFileSync('schemas/vllmd-hypervisor-config-schema.json', 'utf8'),
  );
  return keysIn(schema, '');
}

function keysIn(schema: unknown, prefix: string): readonly Key[] {
  if (!isTable(schema) || !isTable(schema['properties'])) return [];
  return Object.entries(schema['properties']).flatMap(([name, property]) => {
    if (!isTable(property)) return [];
    const path = `${prefix}/${name}`;
    const { type, minimum, maximum } = property;
    const bounds = [minimum, maximum].filter((bound) => typeof bound === 'number');
    const inner =
      type === 'array' ? keysIn(property['items'], `${path}/0`) : keysIn(property, path);
    return [{ path, type: String(type), bounds }, ...inner];
  });
}

/** The tree of a good file with one value replaced. */
function withValue(path: string, value: TomlValue): TomlTree {
  const [table = '', second, third] = path.split('/').slice(1);
  if (second === undefined) return { ...GOOD, [table]: value };
  if (third !== undefined) return { ...GOOD, runtimes: [{ ...RUNTIME, [third]: value }] };
  const base = table === 'global' ? GLOBAL : {};
  return { ...GOOD, [table]: { ...base, [second]: value } };
}

const GLOBAL = { user: 'vllm' };
const RUNTIME = { index: 1, name: 'a' };
const GOOD: TomlTree = { global: GLOBAL, runtimes: [RUNTIME], network: {} };

const WRONG: Readonly<Record<string, readonly TomlValue[]>> = {
  string: [8, true, [], {}, () => ({ kind: 'float', text: '8.0' })],
  integer: [
    '8',
    true,
    [],
    {},
    () => ({ kind: 'float', text: '8.0' }),
    () => ({ kind: 'date', text: '1979-05-27' }),
  ],
  array: ['a', 8, true, {}],
  object: ['a', 8, true, [], () => ({ kind: 'date', text: '1979-05-27' })],
};

const TYPE_CASES = schemaKeys()
  .filter(({ path }) => path !== '/schema_version')
  .flatMap(({ path, type }) => (WRONG[type] ?? []).map((value) => ({ path, value })));

test('has a case for the wrong type of every key', () => {
  expect(new Set(TYPE_CASES.map(({ path }) => path)).size).toBe(15);
});

test.for(TYPE_CASES)('refuses a value of another type at $path: $value', ({ path, value }) => {
  const result = validate(withValue(path, value));
  expect(result.ok ? [] : result.diagnostics).toEqual([
    expect.objectContaining({ rule: 'wrong-type', pointer: path }),
  ]);
});

const RANGE_CASES = schemaKeys().flatMap(({ path, bounds: [low, high] }) =>
  low === undefined || high === undefined
    ? []
    : [low - 1, -1, high + 1].map((value) => ({ path, value })),
);

test.for(RANGE_CASES)('refuses a number out of range at $path: $value', ({ path, value }) => {
  const result = validate(withValue(path, value));
  const message = expect.stringMatching(
    new RegExp(`must be an integer from 1 to \\d+, got ${value}$`),
  );
  expect(result).toMatchObject({
    ok: false,
    diagnostics: [{ rule: 'out-of-range', pointer: path, message }],
  });
});

describe('schema version', () => {
  test('names both versions and nothing else when the file is newer', () => {
    expect(problemsOf('schema_version = 2\nboot = {}')).toEqual([
      {
        severity: 'error',
        rule: 'schema-version',
        pointer: '/schema_version',
        message: 'schema_version: 2 is newer than version 1, the newest this vllmd knows',
        help: 'install a newer vllmd',
      },
    ]);
  });

  test.for(['0', '-1', '"1"', '1.0', '99999999999999999999', '[]'])('refuses %s', (value) => {
    const problems = problemsOf(`schema_version = ${value}`);
    expect(problems.map(({ rule }) => rule)).toEqual(['schema-version']);
    expect(problems[0]?.help).toBe('write schema_version = 1, or remove the line');
  });
});

test.for([
  [
    'cpus = "8"',
    'runtimes[0].cpus: must be an integer from 1 to 8192, got "8" (string)',
    'remove the quotes',
  ],
  [
    'cpus = "eight"',
    'runtimes[0].cpus: must be an integer from 1 to 8192, got "eight" (string)',
    undefined,
  ],
  ['cpus = 8.0', 'runtimes[0].cpus: must be an integer from 1 to 8192, got 8.0 (float)', 'write 8'],
  ['cpus = 8.5', 'runtimes[0].cpus: must be an integer from 1 to 8192, got 8.5 (float)', undefined],
  [
    'cpus = 1e3',
    'runtimes[0].cpus: must be an integer from 1 to 8192, got 1000.0 (float)',
    'write 1000',
  ],
  [
    'cpus = 99999999999999999999',
    'runtimes[0].cpus: must be an integer from 1 to 8192, got 99999999999999999999',
    undefined,
  ],
  [
    'gpus = "0000:01:00.0"',
    'runtimes[0].gpus: must be an array of strings, got "0000:01:00.0" (string)',
    'put it in brackets: ["0000:01:00.0"]',
  ],
  ['gpus = 1', 'runtimes[0].gpus: must be an array of strings, got 1 (integer)', undefined],
  [
    'gpus = [1]',
    'runtimes[0].gpus[0]: must be a string, got 1 (integer)',
    'put quotes around it: "1"',
  ],
  ['gpus = [["a"]]', 'runtimes[0].gpus[0]: must be a string, got an array', undefined],
  [
    'gpus = ["0000:01:00.0", "0000:02:00.0", "0000:01:00.0"]',
    'runtimes[0].gpus[2]: "0000:01:00.0" is already listed as runtimes[0].gpus[0]',
    'remove one of them',
  ],
  [
    'memry_gb = 1',
    'runtimes[0].memry_gb: unknown key; did you mean `memory_gb`?',
    'rename `memry_gb` to `memory_gb`',
  ],
  [
    'memory = 1',
    'runtimes[0].memory: unknown key; did you mean `memory_gb`?',
    'rename `memory` to `memory_gb`',
  ],
  ['user = "x"', 'runtimes[0].user: unknown key; user belongs to [global]', 'move it to [global]'],
  [
    'schema_version = 1',
    'runtimes[0].schema_version: unknown key; schema_version belongs to the top of the file',
    'move it to the top of the file',
  ],
  [
    'xyzzy = 1',
    'runtimes[0].xyzzy: unknown key',
    'the keys of [[runtimes]] are index, name, gpus, memory_gb, cpus',
  ],
  [
    `${'x'.repeat(300)} = 1`,
    `runtimes[0].${'x'.repeat(47)}…: unknown key`,
    'the keys of [[runtimes]] are index, name, gpus, memory_gb, cpus',
  ],
  [
    '"\\u001b[2J" = 1',
    'runtimes[0].\\u{1b}[2J: unknown key',
    'the keys of [[runtimes]] are index, name, gpus, memory_gb, cpus',
  ],
] as const)('explains %s', ([line, message, help]) => {
  const [problem, ...others] = problemsOf(runtime(`index = 1\nname = "a"\n${line}`));
  expect(others).toEqual([]);
  expect(problem?.message).toBe(message);
  expect(problem?.help).toBe(help);
});

test('says that the brackets of a table header are wrong', () => {
  expect(
    problemsOf('[[global]]\n[runtimes]\n').map(({ message, help }) => `${message}; ${help}`),
  ).toEqual([
    'global: must be a table, got an array; write [global], with single brackets',
    'runtimes: must be an array of tables, got a table; write [[runtimes]], with double brackets',
  ]);
});

test('says that a key of schema version 2 is not supported yet', () => {
  const network = '[network]\nmode = "nat"\nsubnet = "10.77.0.0/24"\n';
  const later = version2Keys.runtimes.map((key) => `${key} = 1`).join('\n');
  const top = version2Keys[''].map((key) => `[${key}]`).join('\n');
  const problems = problemsOf(`${runtime(`index = 1\nname = "a"\n${later}`)}${network}${top}`);
  expect(problems).toHaveLength(version2Keys.runtimes.length + version2Keys[''].length + 2);
  for (const problem of problems) {
    expect(problem).toMatchObject({ rule: 'unknown-key', mark: 'key' });
    expect(problem.message).toContain(
      'needs schema_version 2, which this version of vllmd does not',
    );
  }
});

test('names every missing key and how to write it', () => {
  expect(problemsOf('[global]\n[[runtimes]]')).toEqual([
    expect.objectContaining({ rule: 'missing-key', message: 'global.user: is required' }),
    expect.objectContaining({ rule: 'missing-key', message: 'runtimes[0].index: is required' }),
    expect.objectContaining({ rule: 'missing-key', message: 'runtimes[0].name: is required' }),
  ]);
});

test.for([
  ['01:00.0', 'write "0000:01:00.0", as `lspci -D` prints it'],
  ['0000:0A:00.0', 'write "0000:0a:00.0", as `lspci -D` prints it'],
  ['0000.01.00.0', 'write "0000:01:00.0", as `lspci -D` prints it'],
  ['0000:01:00:0', 'write "0000:01:00.0", as `lspci -D` prints it'],
  ['00000000:01:00.0', 'write "0000:01:00.0", as `lspci -D` prints it'],
  ['pci@0000:01:00.0', 'write "0000:01:00.0", as `lspci -D` prints it'],
  [' 1:0.0 ', 'write "0000:01:00.0", as `lspci -D` prints it'],
  ['0000:01:00', '`lspci -D` lists the addresses of this host'],
  ['0000:01:00.8', '`lspci -D` lists the addresses of this host'],
  ['0000:01:20.0', '`lspci -D` lists the addresses of this host'],
  ['12345678:01:00.0', '`lspci -D` lists the addresses of this host'],
  ['gpu0', '`lspci -D` lists the addresses of this host'],
  ['', '`lspci -D` lists the addresses of this host'],
  ['0'.repeat(1000), '`lspci -D` lists the addresses of this host'],
] as const)('refuses %j as a PCI address', ([address, help]) => {
  expect(problemsOf(runtime(`index = 1\nname = "a"\ngpus = ["${address}"]`))).toEqual([
    expect.objectContaining({ rule: 'bad-pci-address', pointer: '/runtimes/0/gpus/0', help }),
  ]);
});

test.for([
  ['/runtimes/0/name', '', 'runtimes[0].name: must not be empty'],
  [
    '/runtimes/0/name',
    'é'.repeat(256),
    'runtimes[0].name: must have at most 255 characters, got 256',
  ],
  [
    '/global/user',
    '-x',
    'global.user: must be an account name: up to 32 letters, digits, `_`, `.` and `-`, starting with a letter or `_`; got "-x"',
  ],
  [
    '/network/bridge_name',
    '..',
    'network.bridge_name: must be a network interface name, without spaces, `/` or `:`; got ".."',
  ],
  [
    '/network/default_interface',
    'eth0:1',
    'network.default_interface: must be a network interface name, without spaces, `/` or `:`; got "eth0:1"',
  ],
] as const)('refuses the form of %s = %j', ([path, value, message]) => {
  const result = validate(withValue(path, value));
  expect(result).toMatchObject({ ok: false, diagnostics: [{ rule: 'bad-format', message }] });
});

test.for(['vllm', '_x', 'a.b-c_d', 'Machine$', 'x'.repeat(32)])('accepts the user %s', (user) => {
  expect(validate(withValue('/global/user', user)).ok).toBe(true);
});

test('says one thing about a string with a control character', () => {
  const result = validate(withValue('/global/user', 'a\nb'));
  expect(result).toMatchObject({ ok: false, diagnostics: [{ rule: 'no-control-characters' }] });
  expect(result.ok || result.diagnostics).toHaveLength(1);
});

test('reports schema errors and broken rules at once, in the order of the keys', () => {
  const text = `[global]\nuser = "root"\ndefault_cpus = 0\n${Array.from(
    { length: 11 },
    () => '[[runtimes]]\nindex = 1\nname = 5\n',
  ).join('')}`;
  const pointers = problemsOf(text).map(({ pointer }) => pointer);
  expect(pointers.slice(0, 4)).toEqual([
    '/global/default_cpus',
    '/global/user',
    '/runtimes/0/name',
    '/runtimes/1/index',
  ]);
  expect(pointers.slice(-2)).toEqual(['/runtimes/10/index', '/runtimes/10/name']);
});

test('never throws on arbitrary trees', () => {
  const kind = fc.constantFrom('integer' as const, 'float' as const, 'date' as const);
  const scalar = kind.map(
    (name): TomlValue =>
      () => ({ kind: name, text: '1' }),
  );
  const { value } = fc.letrec<{ value: TomlValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean()),
      scalar,
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(
        fc.oneof(
          fc.constantFrom('user', 'index', 'name', 'gpus', 'state_dir', '__proto__'),
          fc.string(),
        ),
        tie('value'),
        { maxKeys: 5 },
      ),
    ),
  }));
  const tree = fc.record(
    { global: value, runtimes: fc.oneof(value, fc.array(value)), network: value, other: value },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(tree, (input) => {
      expect(typeof validate(input).ok).toBe('boolean');
    }),
    { numRuns: 300 },
  );
});

test('passes on what the schema may refuse in a later version', () => {
  const error = {
    keyword: 'enum',
    instancePath: '/a/0',
    schemaPath: '',
    params: {},
    message: 'no',
  };
  expect(schemaDiagnostic(error)).toMatchObject({ rule: 'bad-format', message: 'a[0]: no' });
});
