import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { configSince } from '../../../src/core/config/config-input.gen.ts';
import { loadConfig } from '../../../src/core/config/load.ts';
import { schemaDiagnostic } from '../../../src/core/config/messages.ts';
import { parse } from '../../../src/core/config/parse.ts';
import { isTable, type TomlTree, type TomlValue } from '../../../src/core/config/toml-tree.ts';
import { validate } from '../../../src/core/config/validate.ts';
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

const FULL_1 = `schema_version = 1
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

const FULL_2 = `schema_version = 2
[global]
user = "sdake"
state_dir = "$HOME/.local/state/vllmd-hypervisor"
config_dir = "$HOME/.config/vllmd"
default_memory_gb = 16
default_cpus = 4
[boot]
kernel = "/srv/vmlinux"
initramfs = "$HOME/initrd.img"
cmdline = ""
[storage]
base_image = "/srv/base.raw"
disk_gb = 64
[guest]
user = "ada"
ssh_authorized_keys = ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGp1c3QgYSBzYW1wbGUgb2YgdGhpcnR5LXR3byBieXRl ada@laptop"]
packages = ["git", "nvidia-driver-570-server", "python3=3.12.3-0ubuntu1", "libstdc++6"]
user_data = "~/user-data.yaml"
hostname_prefix = "gpu-"
[memory]
hugepages = "1G"
numa = "off"
prefault = true
shared = false
[vfio]
on_release = "restore-driver"
allow_group_members = ["0000:03:00.0"]
identity_lock = false
[network]
default_interface = "eth0"
bridge_name = "vllmd-br0"
mode = "nat"
subnet = "192.168.8.0/24"
name_servers = ["192.168.1.1"]
[host]
kernel_cmdline = "grub"
[hive]
url = "https://registry.example:8800/hive"
key_file = "/etc/vllmd/hive.key"
host_id = "atlas-01"
address = "192.168.1.101"
llama_config = "llama.toml"
[[runtimes]]
index = 1
name = "runtime-1"
gpus = ["0000:01:00.0"]
memory_gb = 32
cpus = 8
autostart = false
restart = "manual"
disk_gb = 100
base_image = "/srv/other.raw"
kernel = "/srv/vmlinux-6.12"
initramfs = "/srv/initrd-6.12.img"
cmdline = "console=ttyS0"
gpu_p2p = true
mac = "52:54:00:12:34:56"
prevent_removal = true
[runtimes.llama]
config = "llama.toml"
[[runtimes]]
index = 253
name = "runtime-2"
firmware = "/srv/CLOUDHV.fd"
`;

test.for([
  ['version 1', FULL_1],
  ['version 2', FULL_2],
] as const)('accepts every key of %s', ([, text]) => {
  expect(problemsOf(text)).toEqual([]);
});

test('the file above has every key of the schema', () => {
  const written = new Set(FULL_2.match(/^\w+(?= = )/gm));
  const keys = schemaKeys().filter(({ type }) => type !== 'object');
  const missing = keys.map(({ path }) => path.split('/').at(-1) ?? '');
  expect(missing.filter((key) => !written.has(key))).toEqual(['runtimes']);
});

type Key = { readonly path: string; readonly type: string; readonly bounds: readonly number[] };

/** Every key of the schema, where it stands in the tables below. */
function schemaKeys(): readonly Key[] {
  return keysIn(readSchema(), '');
}

function readSchema(): unknown {
  return JSON.parse(readFileSync('schemas/vllmd-hypervisor-config-schema.json', 'utf8'));
}

/** Where a pattern is: `/0` stands for an item. */
function patternKeys(schema: unknown, at: string): readonly string[] {
  if (!isTable(schema)) return [];
  const own = typeof schema['pattern'] === 'string' ? [at] : [];
  const inner = isTable(schema['properties']) ? Object.entries(schema['properties']) : [];
  return [
    ...own,
    ...inner.flatMap(([key, property]) => patternKeys(property, `${at}/${key}`)),
    ...patternKeys(schema['items'], `${at}/0`),
  ];
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
  const [table = '', second, third, fourth] = path.split('/').slice(1);
  if (second === undefined) return { ...GOOD, [table]: value };
  if (third !== undefined) {
    const own = fourth === undefined ? value : { [fourth]: value };
    return { ...GOOD, runtimes: [{ ...RUNTIME, [third]: own }] };
  }
  return { ...GOOD, [table]: { ...REQUIRED[table], [second]: value } };
}

const GLOBAL = { user: 'vllm' };
/** What a table must have. */
const REQUIRED: Readonly<Record<string, TomlTree>> = {
  global: GLOBAL,
  hive: { url: 'http://127.0.0.1:8800' },
};
const RUNTIME = { index: 1, name: 'a' };
const GOOD: TomlTree = { schema_version: 2, global: GLOBAL, runtimes: [RUNTIME], network: {} };

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
  boolean: ['true', 'yes', 'x', 1, 7, [], {}, () => ({ kind: 'float', text: '1.0' })],
  array: ['a', 8, true, {}],
  object: ['a', 8, true, [], () => ({ kind: 'date', text: '1979-05-27' })],
};

const TYPE_CASES = schemaKeys()
  .filter(({ path }) => path !== '/schema_version')
  .flatMap(({ path, type }) => (WRONG[type] ?? []).map((value) => ({ path, value })));

test('has a case for the wrong type of every key', () => {
  expect(new Set(TYPE_CASES.map(({ path }) => path)).size).toBe(schemaKeys().length - 1);
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
    expect(problemsOf('schema_version = 3\nboot = {}\nx = 1')).toEqual([
      {
        severity: 'error',
        rule: 'schema-version',
        pointer: '/schema_version',
        message: 'schema_version: 3 is newer than version 2, the newest this vllmd knows',
        help: 'install a newer vllmd',
      },
    ]);
  });

  test.for(['0', '-1', '"1"', '1.0', '99999999999999999999', '[]', 'true'])(
    'refuses %s',
    (value) => {
      const problems = problemsOf(`schema_version = ${value}`);
      expect(problems.map(({ rule }) => rule)).toEqual(['schema-version']);
      expect(problems[0]?.message).toContain('must be the integer 1 or 2, got ');
      expect(problems[0]?.help).toBe('write schema_version = 2; a file without it is version 1');
    },
  );

  test.for(['', 'schema_version = 1\n'])('of %j refuses each newer key once', (line) => {
    const v2 = FULL_2.replace('schema_version = 2\n', line);
    const problems = problemsOf(v2);
    const newer = Object.entries(configSince).flatMap(([table, keys]) =>
      Object.keys(keys).map((key) => (table === '' ? key : `${table}.${key}`)),
    );
    const named = problems.map(({ message }) => message.replace('[0]', '').replace('[1]', ''));
    expect(new Set(named)).toEqual(
      new Set(newer.map((key) => `${key}: needs schema_version = 2, this file is version 1`)),
    );
    expect(problems).toHaveLength(newer.length);
    for (const problem of problems) {
      expect(problem).toMatchObject({
        rule: 'needs-version-2',
        mark: 'key',
        help: '`vllmd migrate` rewrites the file',
      });
    }
  });

  test('names the file that is to be rewritten, as a shell takes it', () => {
    const bytes = Buffer.from(`[boot]\n${runtime('index = 1')}`);
    const helpFor = (file: string) => {
      const { result } = loadConfig(bytes, 'strict', file);
      return result.ok ? [] : result.diagnostics.map(({ help }) => help);
    };
    expect(helpFor('b/nover.toml')).toContain('`vllmd migrate b/nover.toml` rewrites the file');
    expect(helpFor('my host.toml')).toContain("`vllmd migrate 'my host.toml'` rewrites the file");
  });

  test.for(['version', 'schema', 'schema_verison', 'schema-version', 'SCHEMA_VERSION'])(
    'tells that %s is no schema_version, and nothing of the keys that need it',
    (key) => {
      const text = `${key} = 2\n[boot]\n${runtime('index = 1\nname = "a"\nmac = 7')}`;
      const slip = `rename \`${key}\` to \`schema_version\``;
      const told = problemsOf(text);
      expect(told.map(({ rule }) => rule).toSorted()).toEqual(['unknown-key', 'wrong-type']);
      expect(told.map(({ help }) => help)).toContain(slip);
    },
  );

  test('tells of both where the file has a version and a key that is nearly it', () => {
    const text = `schema_version = 1\nversion = 2\n[boot]\n${runtime('index = 1\nname = "a"')}`;
    expect(problemsOf(text).map(({ rule }) => rule)).toEqual(['needs-version-2', 'unknown-key']);
  });

  test('says nothing about the contents of a key that the file may not have', () => {
    const text = `[boot]\nfirmware = 1\nx = 2\n${runtime('index = 1\nname = 7\nmac = "x"')}`;
    expect(problemsOf(`${text}[network]\nmode = "x"\nsubnet = "10.0.0.1/24"`)).toMatchObject([
      { rule: 'needs-version-2', pointer: '/boot' },
      { rule: 'needs-version-2', pointer: '/network/mode' },
      { rule: 'needs-version-2', pointer: '/network/subnet' },
      { rule: 'needs-version-2', pointer: '/runtimes/0/mac' },
      { rule: 'wrong-type', pointer: '/runtimes/0/name' },
    ]);
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
    'memory_gb = "121G"',
    'runtimes[0].memory_gb: must be an integer from 1 to 65536, got "121G" (string)',
    'write 121: the unit is GiB',
  ],
  [
    'memory_gb = "1 TiB"',
    'runtimes[0].memory_gb: must be an integer from 1 to 65536, got "1 TiB" (string)',
    'write 1024: the unit is GiB',
  ],
  [
    'memory_gb = 12.5',
    'runtimes[0].memory_gb: must be an integer from 1 to 65536, got 12.5 (float)',
    'write a whole number of GiB, such as 13',
  ],
  [
    'memory_gb = "much"',
    'runtimes[0].memory_gb: must be an integer from 1 to 65536, got "much" (string)',
    'the unit is GiB',
  ],
  [
    'memory_gb = true',
    'runtimes[0].memory_gb: must be an integer from 1 to 65536, got true (boolean)',
    'the unit is GiB',
  ],
  [
    'memory_gb = 123456789',
    'runtimes[0].memory_gb: must be an integer from 1 to 65536, got 123456789',
    'the unit is GiB',
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

test.for([
  ['[global]\ndisk_gb = 1', 'disk_gb belongs to [storage] or [[runtimes]]', 'move it to'],
  ['user = "x"', 'user belongs to [global] or [guest]', 'move it to [global] or [guest]'],
  ['[memory]\nvfio = 1', 'vfio is a table of its own', 'write [vfio], and the keys below it'],
  ['[vfio]\nruntimes = 1', 'runtimes is a table of its own', 'write [[runtimes]], and'],
  ['[boot]\nkernel_cmdline = 1', 'kernel_cmdline belongs to [host]', 'move it to [host]'],
  ['[boot]\nkernal = 1', 'did you mean `kernel`?', 'rename `kernal` to `kernel`'],
  ['[boots]', 'did you mean `boot`?', 'rename `boots` to `boot`'],
] as const)('finds the place of the unknown key in %j', ([text, message, help]) => {
  const [problem, ...others] = problemsOf(`schema_version = 2\n${text}`).filter(
    ({ rule }) => rule !== 'missing-key',
  );
  expect(others).toEqual([]);
  expect(problem).toMatchObject({ rule: 'unknown-key', mark: 'key' });
  expect(problem?.message).toContain(`unknown key; ${message}`);
  expect(problem?.help).toContain(help);
});

test('tells the version that the proposed key needs', () => {
  expect(problemsOf(runtime('index = 1\nname = "a"\ndisk_g = 1'))).toMatchObject([
    { help: 'rename `disk_g` to `disk_gb`, which needs schema_version = 2' },
  ]);
  expect(problemsOf('[global]\nuser = "a"\nhugepages = "2M"')).toMatchObject([
    { help: 'move it to [memory], which needs schema_version = 2' },
  ]);
});

function problemAt(path: string, value: TomlValue): Diagnostic | undefined {
  const result = validate(withValue(path, value));
  return result.ok ? undefined : result.diagnostics[0];
}

test.for([
  [
    '/network/mode',
    'natt',
    'must be one of "nat", "bridge", "none", got "natt"',
    'did you mean "nat"?',
  ],
  [
    '/network/mode',
    'BRIDGE',
    'must be one of "nat", "bridge", "none", got "BRIDGE"',
    'did you mean "bridge"?',
  ],
  ['/network/mode', 'dhcp', 'must be one of "nat", "bridge", "none", got "dhcp"', undefined],
  ['/memory/hugepages', 2, 'must be one of "none", "2M", "1G", got 2 (integer)', 'write "2M"'],
  [
    '/memory/hugepages',
    false,
    'must be one of "none", "2M", "1G", got false (boolean)',
    'write "none"',
  ],
  ['/memory/numa', false, 'must be one of "auto", "off", got false (boolean)', 'write "off"'],
  ['/memory/numa', true, 'must be one of "auto", "off", got true (boolean)', undefined],
  ['/memory/shared', 'true', 'must be true or false, got "true" (string)', 'remove the quotes'],
  ['/memory/shared', 'True', 'must be true or false, got "True" (string)', 'write true'],
  ['/memory/shared', 'off', 'must be true or false, got "off" (string)', 'write false'],
  ['/memory/shared', 1, 'must be true or false, got 1 (integer)', 'write true'],
  ['/memory/shared', 2, 'must be true or false, got 2 (integer)', undefined],
  ['/memory/shared', [], 'must be true or false, got an array', undefined],
  ['/boot', '/x', 'must be a table, got "/x" (string)', 'write [boot], and its keys below it'],
  ['/boot/kernel', '', 'must not be empty', undefined],
  [
    '/network/subnet',
    '10.77.0.0',
    'must be an IPv4 subnet like 10.77.0.0/24; got "10.77.0.0"',
    'add the length of its prefix: "10.77.0.0/24"',
  ],
  [
    '/network/subnet',
    'fd00::/64',
    'must be an IPv4 subnet like 10.77.0.0/24; got "fd00::/64"',
    'the guests have IPv4 addresses; write an IPv4 subnet',
  ],
  ['/network/subnet', 'x/24', 'must be an IPv4 subnet like 10.77.0.0/24; got "x/24"', undefined],
  [
    '/runtimes/0/mac',
    '52-54-00-AB-CD-EF',
    'must be a MAC address like 52:54:00:12:34:56; got "52-54-00-AB-CD-EF"',
    'write "52:54:00:ab:cd:ef"',
  ],
  [
    '/runtimes/0/mac',
    '5254.00ab.cdef',
    'must be a MAC address like 52:54:00:12:34:56; got "5254.00ab.cdef"',
    'write "52:54:00:ab:cd:ef"',
  ],
  [
    '/runtimes/0/mac',
    'auto',
    'must be a MAC address like 52:54:00:12:34:56; got "auto"',
    undefined,
  ],
  ['/guest/user', 'Ada', expect.stringContaining('an account name of the guest'), 'write "ada"'],
  ['/guest/user', '-', expect.stringContaining('an account name of the guest'), undefined],
  [
    '/guest/hostname_prefix',
    'GPU-',
    expect.stringContaining('the beginning of a host name'),
    'write "gpu-"',
  ],
] as const)('explains %s = %j', ([path, value, text, help]) => {
  const problem = problemAt(path, value);
  expect(problem?.message.replace(/^[^:]+: /, '')).toEqual(text);
  expect(problem?.help).toBe(help);
});

test.for([
  ['/network/name_servers', '::1', 'the guests have IPv4 addresses; name an IPv4 server'],
  [
    '/network/name_servers',
    'dns',
    'write the address of the server: its name cannot be looked up without it',
  ],
  ['/network/name_servers', '1.1', undefined],
  ['/guest/packages', 'git curl', 'write one string a package: ["git", "curl"]'],
  ['/guest/packages', '-y', undefined],
  ['/vfio/allow_group_members', '01:00.0', 'write "0000:01:00.0", as `lspci -D` prints it'],
] as const)('explains an item of %s: %j', ([path, value, help]) => {
  expect(problemAt(path, [value])).toMatchObject({ pointer: `${path}/0` });
  expect(problemAt(path, [value])?.help).toBe(help);
});

test('puts the form of every key with a pattern into words', () => {
  const wordless = patternKeys(readSchema(), '').filter((path) =>
    problemAt(path.replace(/\/0$/, ''), path.endsWith('/0') ? ['?'] : '/')?.message.includes(
      'of another form',
    ),
  );
  expect(wordless).toEqual([]);
});

test.for([
  [
    '/guest/user_data',
    20250131,
    'guest.user_data: must be a string, got an integer',
    'put quotes around it',
  ],
  [
    '/guest/user_data',
    true,
    'guest.user_data: must be a string, got a boolean',
    'put quotes around it',
  ],
  [
    '/guest/user_data',
    'hidden',
    'guest.user_data: must be an absolute path',
    'start it with /, ~/ or $HOME/',
  ],
  [
    '/guest/user_data',
    '/a/hidden dir',
    'guest.user_data: must not contain other characters',
    expect.anything(),
  ],
  ['/guest/user_data', '/a/$HIDDEN', 'guest.user_data: unknown variable', expect.anything()],
  [
    '/guest/ssh_authorized_keys',
    'hidden',
    'guest.ssh_authorized_keys: must be an array of strings, got a string',
    'put it in brackets',
  ],
  [
    '/guest/ssh_authorized_keys',
    ['hidden', 'hidden'],
    expect.stringContaining('must be a public key'),
    expect.anything(),
  ],
  [
    '/guest',
    '-----BEGIN PRIVATE KEY----- hidden',
    'guest: must not be a private key',
    expect.anything(),
  ],
] as const)('shows nothing of %s = %j', ([path, value, message, help]) => {
  const result = validate(withValue(path, value));
  const problems = result.ok ? [] : result.diagnostics;
  expect(problems[0]).toMatchObject({ message, help });
  expect(JSON.stringify(problems)).not.toMatch(/hidden|2025|true/i);
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
    '/runtimes/0/name',
    ' a  ',
    'runtimes[0].name: must be a name without spaces at its end, which systemd does not keep; got " a  "',
  ],
  [
    '/global/user',
    '-x',
    'global.user: must be an account name: up to 32 letters, digits, `_`, `.` and `-`, starting with a letter or `_`; got "-x"',
  ],
  [
    '/network/bridge_name',
    '..',
    'network.bridge_name: must be a network interface name: letters, digits, `_`, `.`, `-`, `+` or `@`, and not `all` or `default`; got ".."',
  ],
  [
    '/network/default_interface',
    'eth0:1',
    'network.default_interface: must be a network interface name: letters, digits, `_`, `.`, `-`, `+` or `@`, and not `all` or `default`; got "eth0:1"',
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
    keyword: 'format',
    instancePath: '/a/0',
    schemaPath: '',
    params: {},
    message: 'no',
  };
  expect(schemaDiagnostic(error, 2)).toMatchObject({ rule: 'bad-format', message: 'a[0]: no' });
});
