import {
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OpenDirectories, type OpenDirectory } from '../src/host/open-directories.ts';
import { UnsafeLink } from '../src/host/walk.ts';

const uid = process.geteuid?.() ?? 0;

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'vllmd-open-'));
  mkdirSync(join(root, 'a/b/c'), { recursive: true });
  mkdirSync(join(root, 'a/d'));
  writeFileSync(join(root, 'a/b/c/old'), '');
});
afterEach(() => rmSync(root, { recursive: true }));

const namesIn = ({ fd }: OpenDirectory) => readdirSync(`/proc/self/fd/${fd}`);
const isOpen = ({ fd }: OpenDirectory) => readdirSync('/proc/self/fd').includes(String(fd));

test('what lies on the same way is opened once', () => {
  const directories = new OpenDirectories(root, uid);
  const above = directories.open(['a', 'b'], '/');
  expect(namesIn(above)).toEqual(['c']);
  expect(namesIn(directories.open(['a', 'b', 'c'], '/'))).toEqual(['old']);
  expect(directories.open(['a', 'b'], '/')).toBe(above);
  expect(namesIn(directories.open(['a', 'd'], '/'))).toEqual([]);
  expect(namesIn(directories.open(['b', 'c'], '/a'))).toEqual(['old']);
  expect(namesIn(directories.open([], '/a'))).toEqual(['b', 'd']);
  directories.close();
});

test('a directory that is exchanged is the same one until the event loop turns, and no longer', async () => {
  const directories = new OpenDirectories(root, uid);
  const before = directories.open(['a', 'b', 'c'], '/');
  renameSync(join(root, 'a/b'), join(root, 'a/away'));
  mkdirSync(join(root, 'a/b/c'), { recursive: true });
  writeFileSync(join(root, 'a/b/c/new'), '');
  expect(namesIn(directories.open(['a', 'b', 'c'], '/'))).toEqual(['old']);
  await turn();
  expect(isOpen(before)).toBe(false);
  expect(namesIn(directories.open(['a', 'b', 'c'], '/'))).toEqual(['new']);
  directories.close();
});

test('a link is followed where only root and the caller can turn it, and what was opened before stays known', () => {
  symlinkSync('b/c', join(root, 'a/link'));
  symlinkSync('missing', join(root, 'a/nowhere'));
  const directories = new OpenDirectories(root, uid);
  expect(namesIn(directories.open(['a', 'link'], '/'))).toEqual(['old']);
  expect(() => directories.open(['a', 'nowhere'], '/')).toThrow('ENOENT');
  expect(namesIn(directories.open(['a', 'link'], '/'))).toEqual(['old']);
  expect(() => directories.open(['a', 'b', 'c', 'old'], '/')).toThrow('ENOTDIR');
  expect(namesIn(directories.open(['a', 'b', 'c'], '/'))).toEqual(['old']);
  expect(() => directories.open(['a', '..', 'a'], '/')).toThrow('has .. in it');
  directories.close();

  // Now it is of somebody else.
  if (uid === 0) lchownSync(join(root, 'a/link'), 4_000_000, 4_000_000);
  const others = new OpenDirectories(root, uid === 0 ? 0 : uid + 1);
  expect(() => others.open(['a', 'link'], '/')).toThrow(UnsafeLink);
  expect(namesIn(others.open(['a', 'b', 'c'], '/'))).toEqual(['old']);
  others.close();
});
