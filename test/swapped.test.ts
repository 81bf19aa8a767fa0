import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Host } from '../src/host/host.ts';
import { createLocalHost } from '../src/host/local-host.ts';
import { type Call, watching } from './support/watched-fs.ts';

vi.mock('node:fs', async (original) => {
  const { watchedFs } = await import('./support/watched-fs.ts');
  // Nothing of it is to last.
  return { ...watchedFs(await original()), fsyncSync: () => {} };
});

/**
 * The owner of /home is not the account of vllmd. As root that is root, and files are given away; as anybody else the
 * files stay his, and the account of vllmd is one that he is not.
 */
const isRoot = process.geteuid?.() === 0;
const somebodyElse = 4_000_000;
const attacker = isRoot ? somebodyElse : (process.geteuid?.() ?? 0);
const group = isRoot ? somebodyElse : (process.getegid?.() ?? 0);
const metadata = { mode: 0o640, uid: attacker, gid: group };
/** Of root's file and his directory, and of no others. */
const SECRET_MODE = 0o604;
const SECRET_DIRECTORY_MODE = 0o705;
const SECRET = 'SECRET-HASH';
/** Of an entry or a list: what only outside has, or that his link may be followed. */
const SECRETS = new RegExp(
  `${SECRET}|only-outside|"mode":(?:${SECRET_MODE}|${SECRET_DIRECTORY_MODE})\\b|"trusted":true`,
);

let base = '';
beforeEach(() => {
  // In memory where there is such a place: these are hundreds of trees.
  base = mkdtempSync(`${existsSync('/dev/shm') ? '/dev/shm' : tmpdir()}/vllmd-swapped-`);
});
afterEach(() => rmSync(base, { recursive: true }));

type Case = {
  readonly title: string;
  readonly does: (host: Host) => Promise<unknown>;
  /** What turns into a link, and where that leads. */
  readonly swaps: string;
  readonly to: string;
};

const directory = { swaps: '/home/config', to: '../outside' };
const file = { swaps: '/home/config/name', to: '../../outside/name' };
const below = { swaps: '/home/config/below', to: '../../outside/below' };
const empty = { swaps: '/home/config/empty', to: '../../outside/empty' };
const made = { swaps: '/home/config/new', to: '../../outside/below' };

const write = (host: Host) => host.write('/home/config/name', 'text', metadata);
const setMetadata = (host: Host) =>
  host.setMetadata('/home/config/below', metadata, { uid: attacker });
const copyFrom = (host: Host) => host.copy('/home/config/name', '/kept/copy');
const copyTo = (host: Host) => host.copy('/kept/source', '/home/config/name');
const mkdir = (host: Host) => host.mkdir('/home/config/new', metadata);
const link = (host: Host) => host.link('/home/config/name', 'x');
const remove = (host: Host) => host.remove('/home/config/name');
const removeDirectory = (host: Host) => host.removeDirectory('/home/config/empty');

const changes: readonly Case[] = [
  { title: 'a file is written, and its directory', does: write, ...directory },
  { title: 'a file is written, and that', does: write, ...file },
  { title: 'a mode is set, and the directory above', does: setMetadata, ...directory },
  { title: 'a mode is set, and that directory', does: setMetadata, ...below },
  { title: 'a file is copied away, and its directory', does: copyFrom, ...directory },
  { title: 'a file is copied away, and that', does: copyFrom, ...file },
  { title: 'a file is copied back, and its directory', does: copyTo, ...directory },
  { title: 'a file is copied back, and that', does: copyTo, ...file },
  { title: 'a directory is made, and the one above it', does: mkdir, ...directory },
  { title: 'a directory is made, and that', does: mkdir, ...made },
  { title: 'a link is made, and its directory', does: link, ...directory },
  { title: 'a file is removed, and its directory', does: remove, ...directory },
  { title: 'a directory is removed, and the one above it', does: removeDirectory, ...directory },
  { title: 'a directory is removed, and that', does: removeDirectory, ...empty },
];

const read = (host: Host) => host.read('/home/config/name');
const readBelow = (host: Host) => host.read('/home/config/below');
const list = (host: Host) => host.list('/home/config');
const listBelow = (host: Host) => host.list('/home/config/below');
const readTwice = async (host: Host) => [
  await host.read('/home/config/below'),
  await host.read('/home/config/name'),
  await host.list('/home/config/below'),
];

const looks: readonly Case[] = [
  { title: 'a file is read, and its directory', does: read, ...directory },
  { title: 'a file is read, and that', does: read, ...file },
  { title: 'a directory is looked at, and the one above it', does: readBelow, ...directory },
  { title: 'a directory is looked at, and that', does: readBelow, ...below },
  { title: 'a directory is listed, and that', does: list, ...directory },
  { title: 'a directory is listed, and the one above it', does: listBelow, ...directory },
  { title: 'a deeper directory is listed, and that', does: listBelow, ...below },
  { title: 'several are read at once, and the directory above', does: readTwice, ...directory },
  { title: 'several are read at once, and one of them', does: readTwice, ...file },
];

const times = [
  ['for good', false],
  ['for the time of one call', true],
] as const;

describe.each(times)('turned into a link %s, nothing of root is touched', (_title, isPutBack) => {
  test.each(changes)('while $title', async (one) => {
    const points = await countCalls(one);
    expect(points).toBeGreaterThan(4);
    for (let at = 0; at <= points; at += 1) {
      const root = tree();
      const outside = pictureOf(`${root}/outside`);
      await attacked(one, root, { at, isPutBack });
      expect(pictureOf(`${root}/outside`), `after call ${at}`).toEqual(outside);
      expect(pictureOf(`${root}/kept`).join(), `after call ${at}`).not.toContain(SECRET);
    }
  });
});

describe.each(times)('turned into a link %s, nothing of root is told', (_title, isPutBack) => {
  test.each(looks)('while $title', async (one) => {
    const points = await countCalls(one);
    expect(points).toBeGreaterThan(0);
    for (let at = 0; at <= points; at += 1) {
      const root = tree();
      const told = await attacked(one, root, { at, isPutBack });
      const text = told instanceof Error ? told.message : (JSON.stringify(told) ?? '');
      expect(text, `after call ${at}`).not.toMatch(SECRETS);
    }
  });
});

test('what was a file a moment ago, and is a pipe, a directory or a link now, is not waited for', async () => {
  const turned = {
    pipe: (path: string) => void execFileSync('mkfifo', [path]),
    directory: (path: string) => mkdirSync(path),
    link: (path: string) => symlinkSync('../../outside/name', path),
  };
  for (const [what, turn] of Object.entries(turned)) {
    const root = tree();
    const path = `${root}/home/config/name`;
    const watch = ({ name, paths }: Call) => {
      if (name !== 'lstatSync' || paths[0] !== path) return;
      unlinkSync(path);
      turn(path);
    };
    expect(await watching(watch, () => read(hostOf(root))), what).toEqual({
      type: 'other',
      what: 'name that changes while it is looked at',
    });
  }
});

/** What is done to a descriptor is done to the same file, whatever its name is by then. */
function isByName({ name }: Call): boolean {
  return !/^(?:close|f[a-z]+|read|write|writeFile)Sync$/.test(name);
}

/** Without an attack it succeeds, in so many calls that name a file. */
async function countCalls({ does }: Case): Promise<number> {
  let count = 0;
  const host = hostOf(tree());
  const watch = (call: Call) => {
    if (isByName(call)) count += 1;
  };
  await watching(watch, () => does(host));
  return count;
}

type Moment = { readonly at: number; readonly isPutBack: boolean };

/** The moment is so many calls after the beginning. What vllmd says to it is up to vllmd. */
async function attacked(one: Case, root: string, { at, isPutBack }: Moment): Promise<unknown> {
  const path = root + one.swaps;
  const host = hostOf(root);
  let count = 0;
  if (at === 0) turn(path, one.to);
  const watch = (call: Call) => {
    if (!isByName(call)) return;
    count += 1;
    if (count === at) turn(path, one.to);
    if (count === at + 1 && isPutBack) turnBack(path);
  };
  return watching(watch, () => one.does(host)).catch((error: unknown) => error);
}

function turn(path: string, target: string): void {
  if (isThere(path)) renameSync(path, `${path}.aside`);
  symlinkSync(target, path);
  if (isRoot) lchownSync(path, attacker, group);
}

function turnBack(path: string): void {
  if (isThere(path)) unlinkSync(path);
  if (isThere(`${path}.aside`)) renameSync(`${path}.aside`, path);
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function hostOf(root: string): Host {
  return createLocalHost({ root, uid: isRoot ? 0 : somebodyElse, setsOwner: isRoot });
}

let count = 0;
/** Outside lies for each name of his one of root's. */
function tree(): string {
  count += 1;
  const root = `${base}/${count}`;
  for (const directory of ['', '/outside', '/kept', '/home', '/home/config']) {
    mkdirSync(root + directory);
  }
  writeFileSync(`${root}/kept/source`, 'text');
  for (const directory of ['/outside', '/home/config']) {
    mkdirSync(`${root}${directory}/below`);
    mkdirSync(`${root}${directory}/empty`);
    writeFileSync(`${root}${directory}/name`, directory, { mode: 0o644 });
  }
  writeFileSync(`${root}/outside/name`, SECRET);
  chmodSync(`${root}/outside/name`, SECRET_MODE);
  writeFileSync(`${root}/outside/only-outside`, '');
  writeFileSync(`${root}/outside/below/only-outside`, '');
  chmodSync(`${root}/outside/below`, SECRET_DIRECTORY_MODE);
  if (isRoot) giveAway(`${root}/home`);
  return root;
}

function giveAway(path: string): void {
  lchownSync(path, attacker, group);
  if (!lstatSync(path).isDirectory()) return;
  for (const name of readdirSync(path)) giveAway(`${path}/${name}`);
}

/** With the time of the last change of anything about it. */
function pictureOf(path: string): readonly string[] {
  const stats = lstatSync(path);
  const line = `${path} ${stats.mode.toString(8)} ${stats.uid}:${stats.gid} ${stats.ctimeMs}`;
  if (!stats.isDirectory()) return [`${line} ${readFileSync(path, 'utf8')}`];
  return [line, ...readdirSync(path).flatMap((name) => pictureOf(`${path}/${name}`))];
}
