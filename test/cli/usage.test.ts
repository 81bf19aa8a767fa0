import { expect, test, vi } from 'vitest';
import { call, install, installed } from '../support/call.ts';

vi.mock('yargs', async (original) =>
  (await import('../support/quiet-yargs.ts')).quietYargs(original),
);

async function refused(argv: readonly string[]): Promise<string> {
  const machine = await installed('/memory.toml');
  const before = new Map(machine.entries);
  const { code, err } = await call(machine, argv);
  expect(code, err).toBe(64);
  expect(new Map(machine.entries)).toEqual(before);
  return err;
}

const settling: readonly (readonly [argv: readonly string[]])[] = [
  [['install', '--config', '/example.toml']],
  [['install', '--config', '/example.toml', '--dry-run']],
  [['rollback']],
  [['rollback', '--dry-run']],
  [['recover']],
];

test.for(settling)('--settle takes seconds or a time: %j', async ([argv]) => {
  for (const time of ['0', '5s', '1m']) {
    const machine = await installed('/memory.toml');
    expect((await call(machine, [...argv, '--settle', time])).code).toBe(0);
  }
  for (const time of ['-1', 'soon', '5 s', '']) {
    expect(await refused([...argv, `--settle=${time}`])).toContain(
      '--settle takes seconds, 0 or more, or a time such as 30s',
    );
  }
});

test('a runtime that must stay up for a minute is watched for a minute', async () => {
  let waited = () => 0;
  const argv = ['rollback', '--settle', '1m'];
  const answer = await call(await installed('/memory.toml'), argv, {
    prepare: (world) => {
      waited = world.waited;
    },
  });
  expect(answer.code).toBe(0);
  expect(waited()).toBe(60_000);
});

test.for([
  [['install', '--config', '/example.toml', '--config', '/memory.toml'], '--config'],
  [['install', '-c', '/example.toml', '--config', '/memory.toml'], '--config'],
  [['install', '--plan', '/a', '--plan', '/b'], '--plan'],
  [install('/example.toml', '--plan-out', '/a', '--plan-out', '/b', '--dry-run'), '--plan-out'],
  [install('/example.toml', '--root', '/a', '--root', '/b'), '--root'],
  [install('/example.toml', '--lock-timeout', '1s', '--lock-timeout', '2s'), '--lock-timeout'],
  [['verify', '--config', '/example.toml', '--config', '/memory.toml'], '--config'],
  [['rollback', '--settle', '1', '--settle', '2'], '--settle'],
  [['recover', '--settle', '1', '--settle', '2'], '--settle'],
  [['render', '--out', '/a', '--out', '/b'], '--out'],
] as const)('a flag that is given twice is named: %j', async ([argv, flag]) => {
  expect(await refused(argv)).toContain(`${flag} is given more than once`);
});

test('a flag that takes several values may be repeated, and a switch too', async () => {
  const only = ['--only', '1', '--only', '2', '--dry-run', '--dry-run'];
  expect((await call(await installed(), install('/memory.toml', ...only))).code).toBe(0);
});

test.for([
  [['rollback', 'abc'], 'rollback abc: not a generation'],
  [['rollback', ''], 'rollback : not a generation'],
  [['rollback', '1e0'], 'rollback 1e0: not a generation'],
  [['disk', 'reset', 'x'], 'disk reset x: not the index of a runtime'],
  [['disk', 'reset', '9'], 'no runtime 9'],
] as const)('what was typed is what is quoted: %j', async ([argv, message]) => {
  expect(await refused(argv)).toContain(message);
});

test.for([
  [['init', '--yes', '--output', ''], '--output FILE'],
  [['topology', '--svg', ''], '--svg FILE'],
  [['topology', '--facts='], '--facts FILE'],
  [['render', '--config', '/example.toml', '--out', ''], '--out DIR'],
  [install('/example.toml', '--root', ''), '--root DIR'],
  [install('/example.toml', '--adopt', '/etc/a', '--adopt', ''), '--adopt PATH'],
] as const)('a variable of the shell that is empty names no file: %j', async ([argv, option]) => {
  expect(await refused(argv)).toContain(`${option}: the value is empty\n`);
});

test.for(['0', '0s', '0m'])('--confirm-within %s is refused', async (time) => {
  const answer = await refused(install('/example.toml', '--confirm-within', time));
  expect(answer).toContain(`--confirm-within ${time}: it takes a time of at least 1s`);
});
