import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Host } from '../../src/host/host.ts';
import { fleet, realFiles, sampleFleet, textOf, writeFleet } from '../support/fleet-files.ts';

let directory = '';
let file = '';
beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/vllmd-fleet-change-`);
  file = `${directory}/runtimes.json`;
});
afterEach(() => rmSync(directory, { recursive: true }));

const SECRET = 'planted-secret-7d1f';
const hostFlags = ['--check-cmd', 'true', '--stop-cmd', 'true'];

test('a first host makes the file, for its owner alone', async () => {
  file = `${directory}/a/b/runtimes.json`;
  const { code, out } = await fleet(['hosts', 'add', '--id', 'gpu1', ...hostFlags], { file });
  expect([code, out]).toEqual([0, `${file}: host gpu1 added\n`]);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(`${directory}/a/b`).mode & 0o777).toBe(0o700);
  expect(JSON.parse(textOf(file))).toEqual({
    ...{ schema_version: 1, backends: [], models: [] },
    hosts: [
      {
        ...{ id: 'gpu1', display_name: 'gpu1', enabled: true, transport: 'local', connection: {} },
        capabilities: { gpu: [], backends: [] },
        health: { check_cmd: 'true' },
        model_control: { stop_cmd: 'true' },
      },
    ],
  });
});

test('all that the three sections have can be given by options', async () => {
  const calls = [
    'hosts add --id h --display-name H --host 10.0.0.1 --port 22 --user u --gpu a b --vram-gb 24 --backends b --check-cmd c --check-timeout 3 --stop-cmd s --cleanup-cmd l',
    'backends add --id b --type cuda --hosts h --apply-cmd a --verify-cmd v --verify-always --rollback-cmd r --env A=b=c B= --arg=-ngl --arg=99',
    'models add --id m --source /m --hosts h --backends any --start-cmd s --probe-cmd p --probe-timeout 9 --probe-interval 50 --port 80 --context-window 1 --max-tokens 2 --no-enabled',
  ];
  for (const line of calls) {
    const { code, err } = await fleet(line.split(' '), { file });
    expect(code, err).toBe(0);
  }
  expect(JSON.parse(textOf(file))).toMatchObject({
    hosts: [
      {
        ...{ display_name: 'H', transport: 'ssh' },
        connection: { host: '10.0.0.1', port: 22, user: 'u' },
        capabilities: { gpu: ['a', 'b'], vram_gb: 24, backends: ['b'] },
        health: { check_cmd: 'c', timeout_sec: 3 },
        model_control: { stop_cmd: 's', cleanup_cmd: 'l' },
      },
    ],
    backends: [
      {
        ...{ host_filters: ['h'], apply_cmd: 'a', verify_cmd: 'v', verify_always: true },
        ...{ rollback_cmd: 'r', env: { A: 'b=c', B: '' }, args: ['-ngl', '99'] },
      },
    ],
    models: [
      {
        ...{ enabled: false, host_policy: ['h'], backend_policy: 'any' },
        launch: { start_cmd: 's', probe_cmd: 'p', probe_timeout_sec: 9, probe_interval_ms: 50 },
        runtime_defaults: { port: 80, context_window: 1, max_tokens: 2 },
      },
    ],
  });
});

test('adding and removing leaves the bytes of a save', async () => {
  writeFleet(file, { future: { z: 1, a: [] }, ...sampleFleet });
  const before = textOf(file);
  await fleet(['hosts', 'add', '--id', 'other', ...hostFlags], { file });
  expect(textOf(file)).not.toBe(before);
  const { code } = await fleet(['hosts', 'remove', 'other', '--yes'], { file });
  expect([code, textOf(file)]).toEqual([0, before]);
});

test('an entry that others name is not removed, and the text says who does', async () => {
  writeFleet(file, sampleFleet);
  const before = textOf(file);
  for (const [section, id, text] of [
    ['hosts', 'here', 'backends[cpu].host_filters: unknown host id "here"'],
    ['backends', 'cpu', 'models[small].backend_policy: unknown backend id "cpu"'],
  ] as const) {
    const { code, err } = await fleet([section, 'remove', id, '--yes'], { file });
    expect([code, err]).toEqual([3, expect.stringContaining(text)]);
  }
  expect(textOf(file)).toBe(before);
});

test('JSON and options are merged into an entry, and null takes a key away', async () => {
  writeFleet(file, sampleFleet);
  const stdin = { verify_cmd: null, env: { MODE: null, B: 'c' } };
  const argv = ['backends', 'edit', 'cpu', '--json-from', '-', '--display-name', 'Fast'];
  const { code, out } = await fleet(argv, { file, stdin });
  expect([code, out]).toEqual([
    0,
    `${file}: backend cpu changed: display_name, verify_cmd, env.MODE, env.B\n`,
  ]);
  const { verify_cmd: _, ...rest } = sampleFleet.backends[0] ?? { verify_cmd: '' };
  expect(JSON.parse(textOf(file)).backends).toEqual([
    { ...rest, display_name: 'Fast', env: { B: 'c' } },
  ]);
});

test('what is so already is not written', async () => {
  writeFleet(file, sampleFleet);
  const { ino } = statSync(file);
  const { code, out } = await fleet(['models', 'edit', 'small', '--port', '8080'], { file });
  expect([code, out]).toEqual([0, `${file}: model small is so already\n`]);
  expect(statSync(file).ino).toBe(ino);
});

test.for([
  [['hosts', 'edit', 'here', '--port', '70000'], 'connection.port'],
  [['hosts', 'edit', 'here', '--transport', 'ssh'], 'connection.host'],
  [['models', 'edit', 'small', '--start-cmd', 'run {nope}'], '{nope}'],
  [['models', 'edit', 'small', '--hosts', 'other'], 'unknown host id "other"'],
  [['hosts', 'add', '--id', 'No', ...hostFlags], 'invalid id format'],
  [['hosts', 'add', '--id', 'here', ...hostFlags], 'hosts: duplicate id "here"'],
] as const)('%j makes no valid file, and the old one stays', async ([argv, text]) => {
  writeFleet(file, sampleFleet);
  const before = textOf(file);
  const { code, err } = await fleet(argv, { file });
  expect([code, err]).toEqual([3, expect.stringContaining(text)]);
  expect([textOf(file), readdirSync(directory)]).toEqual([before, ['runtimes.json']]);
});

test.for([
  [['hosts', 'add', ...hostFlags], 'the host has no id'],
  [['hosts', 'add', '--id', 'a'], '--check-cmd, --stop-cmd'],
  [['hosts', 'edit', 'here'], 'there is no terminal'],
  [['hosts', 'edit', 'here', '--ask-password'], 'there is no terminal'],
  [['hosts', 'remove', 'here'], 'add --yes'],
  [['hosts', 'edit', 'here', '--port', 'abc'], '--port'],
  [['hosts', 'edit', 'here', '--json-from', '/none'], 'there is no such file'],
  [['backends', 'edit', 'cpu', '--env', 'A'], '--env NAME=value'],
  [['backends', 'edit', 'cpu', '--env', `MY_TOKEN=${SECRET}`], '--env MY_TOKEN'],
  [['backends', 'edit', 'cpu', '--arg=--api-key', `--arg=${SECRET}`], '--arg'],
  [['hosts', 'add', '--id', 'a', '--sudo'], '--from-vllmd'],
] as const)('%j is no way to call it', async ([argv, text]) => {
  writeFleet(file, sampleFleet);
  const before = textOf(file);
  const { code, err, out } = await fleet(argv, { file });
  expect([code, err]).toEqual([64, expect.stringContaining(text)]);
  expect([textOf(file), out]).toEqual([before, '']);
  expect(err).not.toContain(SECRET);
});

test('an entry that is not there is named, and so is the one that was meant', async () => {
  writeFleet(file, sampleFleet);
  for (const verb of ['edit', 'remove', 'test']) {
    const { code, err } = await fleet(['hosts', verb, 'hre', '--json'], { file });
    expect([code, err]).toEqual(
      verb === 'edit'
        ? [64, expect.anything()]
        : [1, expect.stringContaining('did you mean here?')],
    );
  }
});

test('JSON that cannot be read is told by its place, without a line of it', async () => {
  writeFleet(file, sampleFleet);
  for (const [stdin, text] of [
    [`{"connection": {"password": "${SECRET}"`, 'line 1, column'],
    [`["${SECRET}"]`, 'expected object'],
  ]) {
    const argv = ['hosts', 'edit', 'here', '--json-from', '-'];
    const { code, err } = await fleet(argv, { file, stdin });
    expect([code, err]).toEqual([64, expect.stringContaining(text ?? '')]);
    expect(err).not.toContain(SECRET);
  }
});

test('a secret that is given is in the file, and in nothing that is told', async () => {
  writeFleet(file, sampleFleet);
  const connection = { host: 'h', password: SECRET, key_path: `/${SECRET}` };
  const given = [
    { connection, transport: 'ssh' },
    { connection: { password: `${SECRET}2`, port: -1 } },
    { connection: { password: 5, host: '-x' }, health: { check_cmd: `echo ${SECRET}` } },
    { connection: { pasword: SECRET } },
  ];
  const said: string[] = [];
  for (const stdin of given) {
    for (const more of [[], ['--json']]) {
      const argv = ['hosts', 'edit', 'here', '--json-from', '-', ...more];
      const { out, err } = await fleet(argv, { file, stdin });
      said.push(out, err);
    }
  }
  const env = { API_KEY: SECRET, 'A B': SECRET };
  for (const stdin of [{ env }, { env: { API_KEY: SECRET } }]) {
    const { out, err } = await fleet(['backends', 'edit', 'cpu', '--json-from', '-'], {
      ...{ file, stdin },
    });
    said.push(out, err);
  }
  expect(textOf(file)).toContain(SECRET);
  expect(said.join('\n')).not.toContain(SECRET);
});

test('a change of the file meanwhile is noticed, and nothing is written over it', async () => {
  writeFleet(file, sampleFleet);
  const other = '{"schema_version": 1, "hosts": [], "backends": [], "models": []}';
  let isFirst = true;
  const host: Host = {
    ...realFiles,
    read: async (path) => {
      if (isFirst) writeFileSync(file, other);
      isFirst = false;
      return realFiles.read(path);
    },
  };
  const { code, err } = await fleet(['hosts', 'add', '--id', 'b', ...hostFlags], { file, host });
  expect([code, err]).toEqual([5, expect.stringContaining('has changed since it was read')]);
  expect(textOf(file)).toBe(other);
});

test.for(['ENOSPC', 'EIO', 'EROFS'])(
  'a write that fails with %s leaves the old file',
  async (code) => {
    writeFleet(file, sampleFleet);
    const before = textOf(file);
    const host: Host = {
      ...realFiles,
      write: async () => {
        throw Object.assign(new Error(`${code}: no`), { code });
      },
    };
    const answer = await fleet(['hosts', 'add', '--id', 'b', ...hostFlags], { file, host });
    expect([answer.code, answer.err]).toEqual([1, expect.stringContaining('cannot write')]);
    expect([textOf(file), readdirSync(directory)]).toEqual([before, ['runtimes.json']]);
  },
);

test('a link stays one, and what it leads to is replaced', async () => {
  mkdirSync(`${directory}/dotfiles`);
  writeFleet(`${directory}/dotfiles/r.json`, sampleFleet);
  symlinkSync('dotfiles/r.json', file);
  const { code } = await fleet(['hosts', 'add', '--id', 'b', ...hostFlags], { file });
  expect(code).toBe(0);
  expect(
    readdirSync(directory, { withFileTypes: true }).map((one) => one.isSymbolicLink()),
  ).toEqual([false, true]);
  expect(JSON.parse(textOf(`${directory}/dotfiles/r.json`)).hosts).toHaveLength(2);
});

test('a file that others could read is for its owner alone once it is saved', async () => {
  writeFleet(file, sampleFleet);
  chmodSync(file, 0o644);
  await fleet(['models', 'edit', 'small', '--port', '81'], { file });
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('standard input, a directory and numbers that would be lost are not written', async () => {
  const at = (text: string) => {
    writeFileSync(file, text);
    return fleet(['hosts', 'add', '--id', 'b', ...hostFlags], { file });
  };
  const big = await at(
    '{"schema_version":1,"hosts":[],"backends":[],"models":[],"x":{"y":[1e999]}}',
  );
  expect([big.code, big.err]).toEqual([3, expect.stringContaining('x.y[0]')]);
  const stdin = await fleet(['hosts', 'add', '--file', '-', '--id', 'b', ...hostFlags], { file });
  expect([stdin.code, stdin.err]).toEqual([64, expect.stringContaining('standard input')]);
  const odd = await fleet(['hosts', 'add', '--file', directory, '--id', 'b', ...hostFlags], {
    file,
  });
  expect([odd.code, odd.err]).toEqual([66, expect.stringContaining('is a directory')]);
});

test('the JSON of a change names the entry and its keys, and no value', async () => {
  writeFleet(file, sampleFleet);
  const { out } = await fleet(['models', 'edit', 'small', '--port', '81', '--json'], { file });
  expect(JSON.parse(out)).toMatchObject({
    ok: true,
    changes: [{ section: 'models', id: 'small', verb: 'changed', keys: ['runtime_defaults.port'] }],
  });
});

test('the JSON of a change has what the file is warned of, as the text has it', async () => {
  writeFleet(file, sampleFleet);
  const argv = ['models', 'edit', 'small', '--json-from', '-', '--json'];
  const { code, out } = await fleet(argv, { file, stdin: { split_policy: 1 } });
  expect([code, JSON.parse(out)]).toEqual([
    0,
    expect.objectContaining({
      warnings: [],
      diagnostics: [expect.objectContaining({ rule: 'fleet-split-policy', severity: 'warning' })],
    }),
  ]);
});

test('a file that is no JSON is told by its place, and stays', async () => {
  const text = `{"hosts": [{"connection": {"password": "${SECRET}"} "x": 1}]}`;
  writeFileSync(file, text, { mode: 0o600 });
  for (const argv of [
    ['hosts', 'add', '--id', 'b', ...hostFlags],
    ['hosts', 'edit', 'b', '--port', '1'],
    ['hosts', 'remove', 'b', '--yes'],
  ]) {
    const { code, out, err } = await fleet(argv, { file });
    expect([code, err]).toEqual([3, expect.stringContaining('expected a comma')]);
    expect(out + err).not.toContain(SECRET);
  }
  expect(textOf(file)).toBe(text);
});

test('of changes at the same time none is lost: each is in the file, or was refused', async () => {
  writeFleet(file, sampleFleet);
  const ids = Array.from({ length: 8 }, (_, at) => `h${at}`);
  const answers = await Promise.all(
    ids.map((id) => fleet(['hosts', 'add', '--id', id, ...hostFlags], { file })),
  );
  const taken = ids.filter((_, at) => answers[at]?.code === 0);
  const others = answers.filter(({ code }) => code !== 0);
  const there: readonly { readonly id: string }[] = JSON.parse(textOf(file)).hosts;
  expect(there.map(({ id }) => id).toSorted()).toEqual(['here', ...taken].toSorted());
  expect(taken.length).toBeGreaterThan(0);
  for (const { code, err } of others) {
    expect([code, err]).toEqual([5, expect.stringContaining('has changed since it was read')]);
  }
});

test.skipIf(process.geteuid?.() !== 0)(
  'what root makes for somebody else belongs to him, and so does what is replaced',
  async () => {
    const home = `${directory}/home`;
    mkdirSync(home);
    chownSync(home, 4711, 4712);
    file = `${home}/.config/idlehands/runtimes.json`;
    for (const id of ['a', 'b']) {
      await fleet(['hosts', 'add', '--id', id, ...hostFlags], { file });
      for (const path of [`${home}/.config`, `${home}/.config/idlehands`, file]) {
        const { uid, gid } = statSync(path);
        expect([path, uid, gid]).toEqual([path, 4711, 4712]);
      }
    }
  },
);

test('whatever is given, the file is valid afterwards, or has the bytes of before', async () => {
  const value = fc.oneof(
    fc.constantFrom<unknown>(
      null,
      true,
      '',
      'any',
      'ssh',
      'local',
      '{port}',
      '{nope}',
      0,
      -1,
      80.5,
    ),
    fc.constantFrom<unknown>([], {}, ['here'], ['cpu'], [1], { host: 'h' }, { check_cmd: '' }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const keys = [
    'id',
    'enabled',
    'transport',
    'connection',
    'health',
    'host_filters',
    'source',
    'x',
  ];
  const patch = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 3 });
  const target = fc.constantFrom(['hosts', 'here'], ['backends', 'cpu'], ['models', 'small']);
  const verb = fc.constantFrom('add', 'edit');
  await fc.assert(
    fc.asyncProperty(patch, target, verb, async (stdin, [section = '', id = ''], how) => {
      writeFleet(file, sampleFleet);
      const before = textOf(file);
      const argv = how === 'add' ? [section, 'add'] : [section, 'edit', id];
      const { code } = await fleet([...argv, '--json-from', '-'], { file, stdin });
      const valid = await fleet(['hosts', 'validate'], { file });
      expect(valid.code).toBe(0);
      if (code !== 0) expect(textOf(file)).toBe(before);
    }),
    { numRuns: 150 },
  );
});
