import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from '../../src/cli/run.ts';
import { readConfigFile } from '../../src/host/config-file.ts';
import type { Host } from '../../src/host/host.ts';
import { createLocalHost } from '../../src/host/local-host.ts';
import type { World } from '../../src/host/world.ts';
import { FIXTURES } from '../support/fixtures.ts';
import { describedHost, testWorld } from '../support/world.ts';

const uid = process.geteuid?.() ?? 0;

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(`${tmpdir()}/vllmd-write-`);
  copyFileSync(`${FIXTURES}contract-example/vllmd.toml`, `${directory}/a.toml`);
});
afterEach(() => rmSync(directory, { recursive: true }));

async function vllmd(argv: readonly string[], more: Partial<World> = {}) {
  const world = testWorld(describedHost(), {
    cwd: directory,
    readConfigFile,
    treeHost: (root) => createLocalHost({ root, uid, setsOwner: false }),
    ...more,
  });
  const code = await run(argv, world);
  return { code, out: world.out(), err: world.err() };
}

/** A tree where nothing can be written, with what Node says then. */
function failing(code: string, message: string): (root: string) => Host {
  const refuse = async () => {
    const text = `${code}: ${message}, open '/proc/self/fd/18/x'`;
    throw Object.assign(new Error(text), { code });
  };
  return (root) => ({
    ...createLocalHost({ root, uid, setsOwner: false }),
    write: refuse,
    mkdir: refuse,
  });
}

const planOut = ['install', '--dry-run', '--config', 'a.toml', '--plan-out'];
const render = ['render', '--config', 'a.toml', '--out'];

test.for([
  [[...render, 'a.toml'], 64, 'cannot write a.toml: it is no directory'],
  [[...render, 'a.toml/x'], 64, 'cannot write a.toml/x: not a directory'],
  [[...planOut, 'a.toml/x'], 64, 'cannot write a.toml/x: not a directory'],
  [[...planOut, 'none/x'], 64, 'cannot write none/x: no such file or directory'],
] as const)('a place that cannot be is named as it was typed: %j', async ([argv, code, says]) => {
  const answer = await vllmd(argv);
  expect(answer.code, answer.err).toBe(code);
  expect(answer.err).toContain(says);
  expect(answer.err).toContain('help: name another');
  expect(answer.err).not.toMatch(/\/proc\/|this is a bug/);
  expect(readdirSync(directory)).toEqual(['a.toml']);
});

test.for([[['init', '--yes', '--output', 'no such/x']], [['topology', '--svg', 'no such/x']]])(
  '%j makes no directory, and its help can be pasted into a shell',
  async ([argv = []]) => {
    const { code, err } = await vllmd(argv);
    expect(code, err).toBe(64);
    expect(err).toContain(`cannot write no such/x: there is no directory ${directory}/no such\n`);
    expect(err).toContain(`make it first: mkdir -p '${directory}/no such'\n`);
  },
);

test.for([
  [[...render, 'x'], 'cannot write x: permission denied'],
  [[...planOut, 'x'], 'cannot write x: permission denied'],
  [['init', '--yes', '--output', 'x'], 'cannot write x: permission denied'],
] as const)('where one may not write, sudo or another place helps: %j', async ([argv, says]) => {
  const treeHost = failing('EACCES', 'permission denied');
  const { code, err } = await vllmd(argv, { treeHost });
  expect(code, err).toBe(77);
  expect(err).toContain(says);
  expect(err).toContain('run it with sudo, or name');
  expect(err).not.toMatch(/\/proc\/|this is a bug/);
});

test.for([
  [[...render, 'x'], 'x'],
  [[...planOut, 'x'], 'x'],
  [['init', '--yes', '--output', 'x'], 'x'],
] as const)('a disk that is full is said in one line: %j', async ([argv, name]) => {
  const treeHost = failing('ENOSPC', 'no space left on device');
  const { code, err } = await vllmd(argv, { treeHost });
  expect(code, err).toBe(1);
  expect(err).toContain(`cannot write ${name}: no space left on device\n`);
});

test('what is thrown without a code of the system is a bug, and told as one', async () => {
  const treeHost = (root: string): Host => ({
    ...createLocalHost({ root, uid, setsOwner: false }),
    mkdir: async () => {
      throw new TypeError('broken');
    },
  });
  const { code, err } = await vllmd([...render, 'x'], { treeHost });
  expect(code).toBe(1);
  expect(err).toContain('this is a bug in vllmd');
});

test.for([
  ['none', '--root none: there is no such directory'],
  ['a.toml', '--root a.toml: it is no directory'],
  ['a.toml/x', '--root a.toml/x: there is no such directory'],
] as const)('a tree that is not there is named: %s', async ([root, says]) => {
  const host = (at: string) => createLocalHost({ root: at, uid, setsOwner: false });
  for (const more of [[], ['--dry-run']]) {
    const argv = ['install', '--root', root, '--config', 'a.toml', ...more];
    const { code, err } = await vllmd(argv, { host });
    expect({ code, err }).toEqual({ code: 64, err: expect.stringContaining(says) });
    expect(err).toContain('help: name a directory that is there');
  }
});

test('a tree that is there may be empty', async () => {
  mkdirSync(`${directory}/tree`);
  chmodSync(`${directory}/tree`, 0o755);
  writeFileSync(`${directory}/tree/x`, '');
  const host = (at: string) => createLocalHost({ root: at, uid, setsOwner: false });
  const argv = ['install', '--root', 'tree', '--config', 'a.toml', '--dry-run'];
  expect((await vllmd(argv, { host })).code).toBe(0);
});
