import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConfigInput } from '../../../src/core/config/config-input.gen.ts';
import { loadConfig } from '../../../src/core/config/load.ts';
import type { Mode } from '../../../src/core/config/mode.ts';
import type { Diagnostic } from '../../../src/core/diagnostic.ts';
import { randomConfig } from '../../support/random-configs.ts';

type Read = { readonly config: ConfigInput | undefined; readonly problems: readonly Diagnostic[] };

function read(text: string, mode: Mode): Read {
  const { result } = loadConfig(new TextEncoder().encode(text), mode);
  return result.ok
    ? { config: result.value, problems: result.warnings }
    : { config: undefined, problems: result.diagnostics };
}

const head = 'schema_version = 2\n[global]\nuser = "vllm"\n';

function runtime(lines: string): string {
  return `${head}[[runtimes]]\nindex = 1\nname = "one"\n${lines}\n`;
}

type Forgiven = readonly [
  text: string,
  path: string,
  rule: string,
  says: string,
  value: Partial<NonNullable<ConfigInput['runtimes']>[number]>,
];

const address = '0000:01:00.0';

const forgiven: readonly Forgiven[] = [
  ['gpus = ["01:00.0"]', 'gpus/0', 'spelling', '"01:00.0" is read as', { gpus: [address] }],
  [
    'gpus = ["0000:C1:00.0"]',
    'gpus/0',
    'spelling',
    'as "0000:c1:00.0"',
    { gpus: ['0000:c1:00.0'] },
  ],
  ['gpus = ["00000000:01:00.0"]', 'gpus/0', 'spelling', `as "${address}"`, { gpus: [address] }],
  ['mac = "52:54:00:AB:CD:EF"', 'mac', 'spelling', 'is read as', { mac: '52:54:00:ab:cd:ef' }],
  ['restart = "Manual"', 'restart', 'spelling', 'as "manual"', { restart: 'manual' }],
  ['memry_gb = 9', 'memry_gb', 'unknown-key', 'ignored; did you mean `memory_gb`?', {}],
  ['note = { any = ["thing"] }', 'note', 'unknown-key', 'unknown key, ignored', {}],
];

test.for(forgiven)(
  '%s is an error, and a warning in lenient mode',
  ([line, at, rule, says, value]) => {
    const place = `/runtimes/0/${at}`;
    expect(read(runtime(line), 'strict')).toMatchObject({
      config: undefined,
      problems: [{ severity: 'error', pointer: place }],
    });
    const { config, problems } = read(runtime(line), 'lenient');
    expect(problems).toMatchObject([{ severity: 'warning', rule, pointer: place }]);
    expect(problems[0]?.message).toContain(says);
    expect(config?.runtimes).toEqual([{ index: 1, name: 'one', ...value }]);
  },
);

test.for([
  ['another type', runtime('memory_gb = "8"'), 'wrong-type'],
  ['a number out of range', runtime('cpus = 0'), 'out-of-range'],
  ['an address that can be read in two ways', runtime('gpus = ["01:00:00.0"]'), 'bad-pci-address'],
  ['an address with a part missing', runtime('gpus = ["01:00"]'), 'bad-pci-address'],
  ['a word that is none of the values', runtime('restart = "never"'), 'not-allowed'],
  ['a key that is missing', head.replace('user', 'usr'), 'missing-key'],
  [
    'a conflict that other spellings have hidden',
    runtime('gpus = ["01:00.0"]\n[[runtimes]]\nindex = 2\nname = "two"\ngpus = ["0000:01:00.0"]'),
    'gpu-assigned-once',
  ],
  ['one address twice', runtime('gpus = ["01:00.0", "0000:01:00.0"]'), 'duplicate-item'],
  [
    'a newer key in an older file',
    '[global]\nuser = "vllm"\n[boot]\nfirmware = "/f"',
    'needs-version-2',
  ],
  ['a newer file', 'schema_version = 3\n[global]\nuser = "vllm"', 'schema-version'],
] as const)('%s is an error in lenient mode too', ([, text, rule]) => {
  const { config, problems } = read(text, 'lenient');
  expect(config).toBeUndefined();
  expect(problems.filter(({ severity }) => severity === 'error')).toMatchObject([{ rule }]);
});

test('a key below a table that the version does not have is no second problem', () => {
  const { problems } = read('[global]\nuser = "vllm"\n[boot]\nnope = 1', 'lenient');
  expect(problems).toMatchObject([{ rule: 'needs-version-2', pointer: '/boot' }]);
});

test('errors and warnings come together, in the order of the file', () => {
  const { problems } = read(runtime('cpus = 0\ngpus = ["01:00.0"]\nnope = 1'), 'lenient');
  expect(problems.map(({ severity, rule }) => `${severity} ${rule}`)).toEqual([
    'error out-of-range',
    'warning spelling',
    'warning unknown-key',
  ]);
});

test('a key of another name is left out, whatever it is called and holds', () => {
  for (const key of ['__proto__', 'constructor', 'toString', '"a/b~c"', '""']) {
    const { config } = read(runtime(`${key} = [1, { x = 1979-05-27 }]`), 'lenient');
    expect(config?.runtimes).toEqual([{ index: 1, name: 'one' }]);
  }
});

const disguise = fc.constantFrom(
  (text: string) => text.replaceAll(/"0000:(0\d:00\.0)"/g, '"$1"'),
  (text: string) => text.replaceAll(/"0000:0(\d:00\.0)"/g, '"00000000:0$1"'),
  (text: string) => text.replaceAll('[[runtimes]]', '[[runtimes]]\nnote = { of = "mine" }'),
  (text: string) => text.replaceAll('[global]', '[global]\nx = 1'),
  (text: string) => `unheard = "of"\n${text}`,
  (text: string) => text.replace('mode = "none"', 'mode = "NONE"'),
);

test('what lenient mode forgives changes nothing of what the config means', () => {
  let warned = 0;
  fc.assert(
    fc.property(randomConfig, fc.array(disguise, { maxLength: 4 }), (text, disguises) => {
      const plain = read(text, 'strict').config;
      expect(plain).toBeDefined();
      expect(read(text, 'lenient')).toEqual({ config: plain, problems: [] });
      const other = read(
        [...new Set(disguises)].reduce((now, change) => change(now), text),
        'lenient',
      );
      expect(other.config).toEqual(plain);
      expect(other.problems.filter(({ severity }) => severity !== 'warning')).toEqual([]);
      warned += other.problems.length;
    }),
  );
  expect(warned).toBeGreaterThan(100);
});

test.for([
  ['memry_gb = 9', '/runtimes/0/memry_gb'],
  ['[[runtime]]\nindex = 2\nname = "two"', '/runtime'],
  ['[networks]\nmode = "none"', '/networks'],
  ['disk_gb = 9\n[memory]\nprevent_removal = true', '/memory/prevent_removal'],
] as const)(
  'for a host %j stays an error in lenient mode: it looks like a slip',
  ([lines, place]) => {
    expect(read(runtime(lines), 'lenient')).toMatchObject({
      problems: [{ severity: 'warning', help: expect.stringContaining('an install refuses it') }],
    });
    expect(read(runtime(lines), 'cautious')).toMatchObject({
      config: undefined,
      problems: [{ severity: 'error', rule: 'unknown-key', pointer: place }],
    });
  },
);

test('for a host what resembles nothing is left out, be it a key or a table', () => {
  const { config, problems } = read(runtime('zzz = 1\n[xyzzy]\nport = 1'), 'cautious');
  expect(config?.runtimes).toEqual([{ index: 1, name: 'one' }]);
  expect(problems.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
});
