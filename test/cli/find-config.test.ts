import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { ConfigFile } from '../../src/host/config-file.ts';
import type { World } from '../../src/host/world.ts';
import { type Answer, call } from '../support/call.ts';
import { FIXTURES } from '../support/fixtures.ts';
import { simulatedHost } from '../support/systemd.ts';

const text = readFileSync(`${FIXTURES}contract-example/vllmd.toml`);
const DEFAULT = '/etc/vllmd/config.toml';

/** A machine whose usual config has mistakes, so that whoever reads it instead is found out. */
function vllmd(
  argv: readonly string[],
  files: Readonly<Record<string, ConfigFile>> = {},
  more: Partial<World> = {},
): Promise<Answer> {
  const known: Readonly<Record<string, ConfigFile>> = {
    [DEFAULT]: { kind: 'bytes', bytes: Buffer.from('wrong') },
    ...files,
  };
  const readConfigFile = (path: string): ConfigFile => known[path] ?? { kind: 'absent' };
  return call(simulatedHost(), argv, { world: { readConfigFile, ...more } });
}

const stdin = { '/dev/stdin': { kind: 'bytes', bytes: text } } as const;

test.for([
  [['validate', '-']],
  [['validate', '--', '-']],
  [['validate', '--config', '-']],
  [['install', '--dry-run', '--config', '-']],
  [['install', '--dry-run', '-c-']],
  [['topology', '--config', '-']],
  [['explain', '--config', '-', 'network.mode']],
] as const)('- is the config on standard input: %j', async ([argv]) => {
  const { code, err } = await vllmd(argv, stdin);
  expect(code, err).toBe(0);
});

test.for([
  [['install', '--config', '-']],
  [['install', '--config', '/dev/stdin']],
  [['install', '--dry-run', '--plan-out', '/tmp/plan', '--config', '-']],
  [['migrate', '-']],
  [['migrate', '--dry-run', '-']],
] as const)('what must know its config again takes none from there: %j', async ([argv]) => {
  const { code, err } = await vllmd(argv, stdin);
  expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining('is standard input: ') });
  expect(err).toContain('help: name a file');
});

test.for([
  [['validate', '']],
  [['validate', '--config=']],
  [['migrate', '']],
  [['install', '--dry-run', '--config', '']],
] as const)('an empty name is no name of another file: %j', async ([argv]) => {
  const { code, err } = await vllmd(argv);
  expect(code, err).toBe(64);
  expect(err).toContain('the name of the config is empty');
});

test.for(['-x.toml', '--strict', '--config'])(
  'behind -- %s is no option, and nothing else is read in its place',
  async (word) => {
    const { code, err } = await vllmd(['validate', '--', word]);
    expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining(`write ./${word}`) });
  },
);

test.for([
  [['validate', '--', '/a.toml']],
  [['validate', '--json', '--', '/a.toml']],
  [['-q', 'validate', '--', '/a.toml']],
  [['explain', '--config', '/a.toml', '--', 'network.mode']],
  [['explain', '--', 'unknown-key']],
] as const)('an operand behind -- is an operand: %j', async ([argv]) => {
  const files = { '/a.toml': { kind: 'bytes', bytes: text } } as const;
  const { code, err } = await vllmd(argv, files);
  expect(code, err).toBe(0);
});

test('behind the -- of a command of two words, and of a list, an operand begins', async () => {
  const reset = await vllmd(['disk', 'reset', '--dry-run', '--', '7']);
  expect(reset.err).toContain('runtime 7');
  const rollback = await vllmd(['rollback', '--adopt', '/a', '--', 'x']);
  expect(rollback.err).toContain('rollback x: not a generation');
});

test('the value of an option in front of the command is not taken for the command', async () => {
  const files = { '/a.toml': { kind: 'bytes', bytes: text } } as const;
  const { code, err } = await vllmd(['--config', '/b.toml', 'validate', '--', '/a.toml'], files);
  expect(code, err).toBe(64);
  expect(err).toContain('/a.toml: a config is named with --config already');
  const asked = await vllmd(['--config', '/a.toml', 'explain', '--', 'network.mode'], files);
  expect(asked.code, asked.err).toBe(0);
});

test('a config that was named and is not there is told by its name', async () => {
  for (const argv of [
    ['validate', 'nope.toml'],
    ['facts', '--config', 'nope.toml'],
    ['install', '--dry-run', '-c', 'nope.toml'],
  ]) {
    const { code, err } = await vllmd(argv);
    expect(code, err).toBe(66);
    expect(err).toContain('the config nope.toml does not exist\n');
    expect(err).toContain('`vllmd init --output nope.toml` writes a first one');
    expect(err).not.toContain('--config FILE');
  }
});

test('one that the environment names and that is not there is told with the variable', async () => {
  const env = { VLLMD_HYPERVISOR_CONFIG: '/nope' };
  const { code, err } = await vllmd(['validate'], {}, { env });
  expect(code).toBe(66);
  expect(err).toContain('the config /nope, which $VLLMD_HYPERVISOR_CONFIG names, does not exist');
});

test.for([
  [['validate', '/a b.toml'], "sudo vllmd validate '/a b.toml'"],
  [['install', '--dry-run', '--config', '/a b.toml'], 'sudo vllmd install --dry-run --config'],
  [['precheck', '--facts', '/a b.toml'], "sudo vllmd precheck --facts '/a b.toml'"],
] as const)('what may not be read needs root: %j', async ([argv, says]) => {
  const files = { '/a b.toml': { kind: 'forbidden' } } as const;
  const { code, err } = await vllmd(argv, files, { uid: 1000 });
  expect(code, err).toBe(77);
  expect(err).toContain('permission denied');
  expect(err).toContain(says);
});

test('a plan that cannot be read is told with the reason', async () => {
  const argv = ['install', '--plan', '/x'];
  expect((await vllmd(argv)).err).toContain('cannot read the plan /x: it does not exist');
  const hidden = await vllmd(argv, { '/x': { kind: 'forbidden' } });
  expect(hidden).toMatchObject({ code: 77 });
  expect(hidden.err).toContain('cannot read the plan /x: permission denied');
});

test.for([
  [['install', '-c', 'two.toml'], 'sudo vllmd install -c two.toml'],
  [['disk', 'reset', '1', '--yes'], 'sudo vllmd disk reset 1 --yes'],
  [['rollback', '3'], 'sudo vllmd rollback 3'],
  [['install', '--adopt', '/etc/a b'], "sudo vllmd install --adopt '/etc/a b'"],
  [['uninstall', '-v'], 'sudo vllmd uninstall -v'],
] as const)('who needs root gets the command line to type: %j', async ([argv, says]) => {
  const { code, err } = await vllmd(argv, {}, { uid: 1000 });
  expect(code).toBe(77);
  expect(err).toContain(`\`${says}\``);
});

test('sudo is told of the config that the environment names', async () => {
  const world = { uid: 1000, env: { VLLMD_HYPERVISOR_CONFIG: '/a.toml' } };
  const { err } = await vllmd(['install'], {}, world);
  expect(err).toContain('`sudo VLLMD_HYPERVISOR_CONFIG=/a.toml vllmd install`');
});
