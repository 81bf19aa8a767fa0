import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { posixWord } from '../../src/core/shell-word.ts';
import { type ConfigFile, readConfigFile } from '../../src/host/config-file.ts';
import type { World } from '../../src/host/world.ts';
import {
  backendPart,
  contractFiles,
  hostPart,
  modelPart,
  runtimesPart,
} from '../support/runtimes.ts';
import { describedHost, testWorld } from '../support/world.ts';

const [, two = ''] = contractFiles;

function worldWith(files: Readonly<Record<string, string>>, more: Partial<World> = {}) {
  return testWorld(describedHost({ files }), {
    uid: 1000,
    env: { HOME: '/home/me' },
    readConfigFile: (path): ConfigFile => {
      const text = files[path];
      if (text === undefined) return { kind: 'absent' };
      return { kind: 'bytes', bytes: Buffer.from(text), permissions: 0o600 };
    },
    ...more,
  });
}

async function ask(
  files: Readonly<Record<string, string>>,
  argv: readonly string[],
  more: Partial<World> = {},
) {
  const world = worldWith(files, more);
  const code = await run([...argv], world);
  return { code, out: world.out(), err: world.err() };
}

const usual = '/home/me/.config/idlehands/runtimes.json';

test('the file is the one that is named, then that of the environment, then the usual one', async () => {
  const files = {
    [usual]: JSON.stringify(runtimesPart({ hosts: [hostPart({ id: 'usual' })] })),
    '/xdg/idlehands/runtimes.json': JSON.stringify(
      runtimesPart({ hosts: [hostPart({ id: 'xdg' })] }),
    ),
    '/variable.json': JSON.stringify(runtimesPart({ hosts: [hostPart({ id: 'variable' })] })),
    '/option.json': JSON.stringify(runtimesPart({ hosts: [hostPart({ id: 'option' })] })),
  };
  const idOf = async (env: Readonly<Record<string, string>>, ...argv: readonly string[]) => {
    const { out } = await ask(files, ['hosts', '--json', ...argv], { env });
    return JSON.parse(out).hosts[0].id;
  };
  const home = { HOME: '/home/me' };
  expect(await idOf(home)).toBe('usual');
  expect(await idOf({ ...home, XDG_CONFIG_HOME: 'relative' })).toBe('usual');
  expect(await idOf({ ...home, XDG_CONFIG_HOME: '' })).toBe('usual');
  const xdg = { ...home, XDG_CONFIG_HOME: '/xdg' };
  expect(await idOf(xdg)).toBe('xdg');
  expect(await idOf({ ...xdg, VLLMD_RUNTIMES: '' })).toBe('xdg');
  const variable = { ...xdg, VLLMD_RUNTIMES: '/variable.json' };
  expect(await idOf(variable)).toBe('variable');
  expect(await idOf(variable, '--file', '/option.json')).toBe('option');
});

test('without a file it is said where one would be and how another is named, and none is made', async () => {
  const { code, out, err } = await ask({}, ['hosts']);
  expect({ code, out }).toEqual({ code: 66, out: '' });
  expect(err).toContain(`there is no ${usual}`);
  expect(err).toContain('`vllmd hosts add` makes it, and docs/fleet.md shows one');
  expect(err).toContain('--file FILE');
  const named = await ask({}, ['models', 'validate', '--file', 'x.json']);
  expect(named).toMatchObject({
    code: 66,
    err: expect.stringContaining('the file x.json does not'),
  });
  const inVariable = await ask({}, ['models'], { env: { VLLMD_RUNTIMES: '/x.json' } });
  expect(inVariable.err).toContain('there is no /x.json, which $VLLMD_RUNTIMES names');
  const homeless = await ask({}, ['models'], { env: {} });
  expect(homeless).toMatchObject({ code: 66, err: expect.stringContaining('$HOME is not set') });
  const empty = await ask({}, ['models', '--file', '']);
  expect(empty).toMatchObject({ code: 64, err: expect.stringContaining('the value is empty') });
});

test('under sudo the file is that of root, and that of the account is named where root has none', async () => {
  const document = (id: string) => JSON.stringify(runtimesPart({ hosts: [hostPart({ id })] }));
  const files = { '/etc/passwd': 'me:x:1000:1000::/home/me:\n', [usual]: document('mine') };
  const ofRoot = '/home/admin/.config/idlehands/runtimes.json';
  const sudo = { uid: 0, env: { HOME: '/home/admin', SUDO_USER: 'me' } };
  const without = await ask(files, ['hosts'], sudo);
  expect(without).toMatchObject({ code: 66, out: '' });
  expect(without.err).toContain(`there is no ${ofRoot}`);
  expect(without.err.replaceAll(/\s+/g, ' ')).toContain(
    `without sudo it is ${usual}; \`--file ${usual}\` names it, and its commands would then run as root`,
  );
  const own = { ...files, [ofRoot]: document('roots') };
  const { out } = await ask(own, ['hosts', '--json'], sudo);
  expect(JSON.parse(out).hosts[0].id).toBe('roots');
  const nobody = await ask({ '/etc/passwd': files['/etc/passwd'] }, ['hosts'], sudo);
  expect(nobody.err).toContain('`vllmd hosts add` makes it');
});

test('a file that may not be read is asked for with the variable that names it', async () => {
  const { code, err } = await ask({}, ['hosts'], {
    env: { VLLMD_RUNTIMES: '/x.json' },
    readConfigFile: () => ({ kind: 'forbidden' }),
    commandLine: ['hosts'],
  });
  expect(code).toBe(77);
  expect(err).toContain('sudo VLLMD_RUNTIMES=/x.json vllmd hosts');
});

test('a file that is not valid is told of on stderr with exit code 3, whatever is asked', async () => {
  const files = { [usual]: JSON.stringify(runtimesPart({ hosts: [hostPart({ enabled: 1 })] })) };
  for (const argv of [['hosts'], ['hosts', 'show', 'lab'], ['models', 'validate']]) {
    const { code, out, err } = await ask(files, argv);
    expect({ code, out }).toEqual({ code: 3, out: '' });
    expect(err).toContain('error[fleet-type]: hosts[0].enabled: expected boolean');
    expect(err).toContain(` --> ${usual}:1:`);
  }
});

test('the same as JSON is one document on stdout, in the order of the checks', async () => {
  const document = {
    hosts: [hostPart({ enabled: 1 })],
    models: [],
    schema_version: 2,
    backends: 1,
  };
  const files = { [usual]: JSON.stringify(document) };
  const { code, out, err } = await ask(files, ['backends', 'list', '--json']);
  expect({ code, err }).toEqual({ code: 3, err: '' });
  const { format_version, ok, diagnostics } = JSON.parse(out);
  expect({ format_version, ok }).toEqual({ format_version: '1.0', ok: false });
  expect(diagnostics.map(({ message }: { readonly message: string }) => message)).toEqual([
    'runtimes.schema_version: must be 1',
    'runtimes.backends: expected array',
    'hosts[0].enabled: expected boolean',
  ]);
  expect(diagnostics[2]).toMatchObject({ pointer: '/hosts/0/enabled', line: 1, file: usual });
});

test('an entry that there is not is asked for by the name of a close one', async () => {
  const files = { [usual]: two };
  const { code, out, err } = await ask(files, ['hosts', 'show', 'lab-shs']);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).toContain('host not found: lab-shs\n  help: did you mean lab-ssh?');
  expect((await ask(files, ['backends', 'show', 'xyz'])).err).toContain(
    'backend not found: xyz\n  help: `vllmd backends` lists them',
  );
  expect((await ask(files, ['models', 'show', 'xyz'])).err).toContain('model not found: xyz');
  expect(await ask(files, ['models', 'show'])).toMatchObject({ code: 64, out: '' });
});

test('a group alone lists, with options at any place', async () => {
  const files = { '/f.json': two };
  const { out } = await ask(files, ['backends', 'list', '--json', '--file', '/f.json']);
  for (const argv of [
    ['backends', '--file', '/f.json', '--json'],
    ['--json', 'backends', '--file=/f.json'],
    ['--file', '/f.json', 'backends', '--json'],
    ['backends', '--json', 'list', '--file', '/f.json'],
    ['--json', '--file', '/f.json', 'backends', 'list'],
  ]) {
    expect(await ask(files, argv)).toMatchObject({ code: 0, out });
  }
  expect((await ask(files, ['backends', 'lst'])).err).toContain(
    'did you mean `vllmd backends list`?',
  );
});

test('a file in the place of an operand is told by which option it is named', async () => {
  const { code, err } = await ask({}, ['hosts', 'validate', 'runtimes.json']);
  expect(code).toBe(64);
  expect(err).toContain('a file is named by `vllmd hosts validate --file runtimes.json`');
});

test('an empty file has nothing to list, and says so', async () => {
  const { code, out } = await ask({ [usual]: ' \n' }, ['models']);
  expect({ code, out }).toEqual({ code: 0, out: `no models in ${usual}\n` });
  const { out: json } = await ask({ [usual]: '' }, ['models', '--json']);
  expect(JSON.parse(json)).toEqual({ format_version: '1.0', ok: true, models: [] });
});

test('on a narrow terminal columns go, and the ids stay', async () => {
  const world = worldWith({ [usual]: two });
  const narrow = { ...world, stdout: { ...world.stdout, columns: 40 } };
  await run(['models'], narrow);
  const lines = world.out().trimEnd().split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(40);
  expect(lines[0]).toMatch(/^ID +/);
  expect(world.out()).toContain('qwen-remote');
  expect(lines.at(-1)).toMatch(/^no room for .*SOURCE/);
});

test('a variable in quotes is let through with --lenient, and told', async () => {
  const launch = { start_cmd: "llama-server -m '{source}'", probe_cmd: 'true' };
  const files = { [usual]: JSON.stringify(runtimesPart({ models: [modelPart({ launch })] })) };
  const strict = await ask(files, ['models', 'validate']);
  expect(strict.code).toBe(3);
  expect(strict.err.replaceAll(/\s+/g, ' ')).toContain('; with --lenient it is a warning');
  const lenient = await ask(files, ['models', 'validate', '--lenient']);
  expect(lenient).toMatchObject({ code: 0, out: `${usual} is valid.\n` });
  expect(lenient.err).toContain('remove the quotes around {source}; values are quoted already');
  expect(lenient.err).not.toContain('with --lenient');
});

test('a command that only uses the file says in one line where its warnings are shown', async () => {
  const launch = { start_cmd: "llama-server -m '{source}'", probe_cmd: 'true' };
  const [first, second] = [modelPart({ id: 'a', launch }), modelPart({ id: 'b', launch })];
  const files = {
    [usual]: JSON.stringify(runtimesPart({ models: [first] })),
    '/my two.json': JSON.stringify(runtimesPart({ models: [first, second] })),
  };
  const one = await ask(files, ['models', 'show', 'a', '--lenient']);
  expect(one.err).toBe(`${usual}: 1 warning; \`vllmd hosts validate --lenient\` shows it\n`);
  const two = await ask(files, ['models', 'show', 'a', '--lenient', '--file', '/my two.json']);
  const command = "vllmd hosts validate --file '/my two.json' --lenient";
  expect(two.err).toBe(`/my two.json: 2 warnings; \`${command}\` shows them\n`);
  const listed = await ask(files, ['models', '--lenient']);
  expect(listed.err).toContain('warning[fleet-variable-in-quotes]');
});

test('a file that others can change is told by every command that reads it, in one line', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'vllmd-fleet-'));
  const file = join(directory, 'runtimes.json');
  writeFileSync(file, readFileSync('fixtures/fleet-contract-1/runtimes.json'));
  chmodSync(file, 0o662);
  const own = { readConfigFile, uid: process.geteuid?.() ?? 0 };
  for (const argv of [
    ['models', 'show', 'qwen3-coder-q4'],
    ['select', '--model', 'qwen3-coder-q4', '--dry-run'],
  ]) {
    const { code, err } = await ask({}, [...argv, '--file', file], own);
    expect([code, err]).toEqual([0, expect.stringContaining(': 1 warning; `vllmd hosts validate')]);
  }
  const { err } = await ask({}, ['hosts', 'validate', '--file', file], own);
  expect(err).toContain('warning[fleet-file-writable]: mode 0662: others can change this file');
  rmSync(directory, { recursive: true });
});

test('a file of secrets that others can read is told at each run, until its mode is 0600', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'vllmd-fleet-'));
  const file = join(directory, 'runtimes.json');
  writeFileSync(file, two);
  const told = async (mode: number) => {
    chmodSync(file, mode);
    const { code, err } = await ask({}, ['hosts', '--file', file], { readConfigFile });
    expect(code).toBe(0);
    return err.includes('warning[fleet-file-mode]');
  };
  for (const mode of [0o644, 0o640, 0o604, 0o660]) expect(await told(mode)).toBe(true);
  for (const mode of [0o600, 0o400]) expect(await told(mode)).toBe(false);
  rmSync(directory, { recursive: true });
});

const MARK = 'S3cr3tMark';

/** What makes a file invalid in some place, or not. */
const faults = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (text) => text.replace('"enabled":true', '"enabled":1'),
  (text) => text.replace('"schema_version":1', '"schema_version":2'),
  (text) => text.replace('"password"', '"passwd"'),
  (text) => text.replace(`"password":"${MARK}`, `"password":["${MARK}`).replace('",', '"],'),
  (text) => text.replace('"key_path":', '"key_path"'),
  (text) => text.replace('"connection":{', '"connection":{"password":"x",'),
  (text) => text.slice(0, text.indexOf(MARK) + MARK.length + 2),
  (text) => text.replace(`"${MARK}`, MARK),
  (text) => text.replace(',', ',,'),
);

test('no output has a secret of the file in it, whether it is valid or not', async () => {
  const codes = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      faults,
      fc.constantFrom(0, 1, 2),
      fc.constantFrom(['list'], ['validate'], ['show', 'lab'], ['show', 'rocm'], ['show', 'small']),
      fc.constantFrom('hosts', 'backends', 'models'),
      fc.constantFrom([], ['--json'], ['--lenient'], ['--verbose']),
      async (fault, indent, verb, section, flags) => {
        const command = `use ${posixWord(`${MARK}1`)} and ${MARK}2 ${MARK}3 {source}`;
        const connection = { password: `${MARK}1`, key_path: `${MARK}2`, host: 'lab' };
        const document = runtimesPart({
          hosts: [hostPart({ connection, model_control: { stop_cmd: command } })],
          backends: [
            backendPart({
              env: { HF_TOKEN: `${MARK}3`, X: `${MARK}1` },
              args: ['--api-key', `${MARK}4`],
              apply_cmd: `x ${MARK}4`,
            }),
          ],
          models: [modelPart({ launch: { start_cmd: command, probe_cmd: `API_KEY=${MARK}5 x` } })],
        });
        const plain = fault(JSON.stringify(document));
        const text = indent === 0 ? plain : plain.replaceAll(',"', `,${'\n'.repeat(indent)}"`);
        const { code, out, err } = await ask({ [usual]: text }, [section, ...verb, ...flags]);
        codes.add(code);
        expect(out + err).not.toContain(MARK);
      },
    ),
    { numRuns: 400 },
  );
  expect(codes).toContain(0);
  expect(codes).toContain(3);
});
