import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, test } from 'vitest';
import type { Host } from '../src/host/host.ts';
import { createLocalHost } from '../src/host/local-host.ts';
import { createMemoryHost } from '../src/host/memory-host.ts';

const base = mkdtempSync(`${tmpdir()}/vllmd-seam-`);
afterAll(() => rmSync(base, { recursive: true }));

const uid = process.geteuid?.() ?? 0;
const gid = process.getegid?.() ?? 0;
const metadata = { mode: 0o640, uid, gid };
const directory = { mode: 0o755, uid, gid };

let count = 0;
const hosts: readonly (readonly [string, () => Host])[] = [
  ['the host in memory', () => createMemoryHost()],
  [
    'the local host',
    () => {
      count += 1;
      const root = `${base}/${count}`;
      mkdirSync(root);
      return createLocalHost({ root, uid, setsOwner: uid === 0 });
    },
  ],
];

describe.each(hosts)('%s', (_name, create) => {
  test('has nothing where nothing was written', async () => {
    const host = create();
    expect(await host.read('/a/b')).toEqual({ type: 'absent' });
    expect(await host.exists('/a')).toBe(false);
    expect(await host.list('/a')).toBeUndefined();
  });

  test('gives back a file as it was written, with its mode and owner', async () => {
    const host = create();
    await host.mkdir('/etc', directory);
    await host.write('/etc/ü', 'a\nb ü\n', metadata);
    expect(await host.read('/etc/ü')).toEqual({ type: 'file', text: 'a\nb ü\n', ...metadata });
    expect(await host.exists('/etc/ü')).toBe(true);
  });

  test('replaces a file, and a link instead of what it leads to', async () => {
    const host = create();
    await host.write('/file', 'old', metadata);
    await host.write('/file', 'new', { ...metadata, mode: 0o600 });
    await host.link('/link', 'file');
    await host.write('/link', 'own', metadata);
    expect(await host.read('/file')).toMatchObject({ text: 'new', mode: 0o600 });
    expect(await host.read('/link')).toMatchObject({ type: 'file', text: 'own' });
  });

  test('tells size, kind and rights of what lies there, and nothing of what does not', async () => {
    const host = create();
    await host.mkdir('/d', directory);
    await host.write('/d/file', 'four', metadata);
    expect(await host.stat('/d/file')).toMatchObject({ type: 'file', sizeBytes: 4, ...metadata });
    expect(await host.stat('/d')).toMatchObject({ type: 'directory', ...directory });
    expect(await host.stat('/d/none')).toBeUndefined();
    expect(await host.stat('/d/file/x')).toBeUndefined();
  });

  test('reads the beginning of a regular file, and of nothing else', async () => {
    const host = create();
    await host.write('/file', 'abc', metadata);
    await host.mkdir('/d', directory);
    expect(await host.readBytes('/file', 2)).toEqual(Uint8Array.from([97, 98]));
    expect(await host.readBytes('/file', 9)).toEqual(Uint8Array.from([97, 98, 99]));
    expect(await host.readBytes('/d', 2)).toBeUndefined();
    expect(await host.readBytes('/none', 2)).toBeUndefined();
  });

  test('does not follow a link at the end of a path when it reads', async () => {
    const host = create();
    await host.write('/file', 'text', metadata);
    await host.link('/link', 'file');
    expect(await host.read('/link')).toEqual({ type: 'link', target: 'file', trusted: true });
  });

  test('writes nothing into a directory that is not there', async () => {
    const host = create();
    await expect(host.write('/none/file', '', metadata)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(host.link('/none/link', 'x')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await host.exists('/none')).toBe(false);
  });

  test('makes a directory once', async () => {
    const host = create();
    await host.mkdir('/d', { ...directory, mode: 0o750 });
    expect(await host.read('/d')).toEqual({ type: 'directory', ...directory, mode: 0o750 });
    await expect(host.mkdir('/d', directory)).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test('lists the names in a directory in order', async () => {
    const host = create();
    await host.mkdir('/d', directory);
    await host.write('/d/b', '', metadata);
    await host.mkdir('/d/a', directory);
    await host.write('/d/a/deep', '', metadata);
    expect(await host.list('/d')).toEqual(['a', 'b']);
    expect(await host.list('/d/b')).toBeUndefined();
  });

  test('changes the mode of a directory, and of nothing else', async () => {
    const host = create();
    await host.mkdir('/d', directory);
    await host.write('/file', 'text', metadata);
    await host.setMetadata('/d', { ...directory, mode: 0o700 }, { uid });
    expect(await host.read('/d')).toMatchObject({ mode: 0o700 });
    const ofFile = host.setMetadata('/file', directory, { uid });
    await expect(ofFile).rejects.toMatchObject({ code: 'ENOTDIR' });
    const ofNothing = host.setMetadata('/none', directory, { uid });
    await expect(ofNothing).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await host.read('/file')).toMatchObject({ mode: 0o640 });
  });

  test('gives away no directory of another owner than expected, and none that holds what it was not to', async () => {
    const host = create();
    await host.mkdir('/d', directory);
    await host.write('/d/file', 'text', metadata);
    const wanted = { ...directory, mode: 0o777 };
    const ofOther = host.setMetadata('/d', wanted, { uid: uid + 1 });
    await expect(ofOther).rejects.toMatchObject({ exit: 'conflict' });
    const ofFull = host.setMetadata('/d', wanted, { uid, holdsOnly: ['other'] });
    await expect(ofFull).rejects.toMatchObject({ exit: 'conflict' });
    expect(await host.read('/d')).toMatchObject({ mode: 0o755 });
    await host.remove('/d/file');
    await host.setMetadata('/d', wanted, { uid, holdsOnly: ['other'] });
    expect(await host.read('/d')).toMatchObject({ mode: 0o777 });
  });

  test('copies a file with its mode and owner over whatever file is there', async () => {
    const host = create();
    await host.mkdir('/d', directory);
    await host.write('/file', 'a\nü', { ...metadata, mode: 0o600 });
    await host.write('/d/old', 'old', { ...metadata, mode: 0o644 });
    await host.copy('/file', '/d/new');
    await host.copy('/file', '/d/old');
    const copied = { type: 'file', text: 'a\nü', ...metadata, mode: 0o600 };
    expect(await host.read('/d/new')).toEqual(copied);
    expect(await host.read('/d/old')).toEqual(copied);
    expect(await host.list('/d')).toEqual(['new', 'old']);
  });

  test('copies no link, no directory and nothing that is not there', async () => {
    const host = create();
    await host.mkdir('/d', directory);
    await host.write('/file', '', metadata);
    await host.link('/link', 'file');
    await expect(host.copy('/link', '/new')).rejects.toThrow();
    await expect(host.copy('/d', '/new')).rejects.toMatchObject({ code: 'EINVAL' });
    await expect(host.copy('/none', '/new')).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(host.copy('/file', '/none/new')).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await host.exists('/new')).toBe(false);
  });

  test('removes files and links', async () => {
    const host = create();
    await host.write('/file', '', metadata);
    await host.link('/link', 'nowhere');
    await host.remove('/file');
    await host.remove('/link');
    expect(await host.read('/file')).toEqual({ type: 'absent' });
    expect(await host.read('/link')).toEqual({ type: 'absent' });
    await expect(host.remove('/file')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('gives a file or a directory another name beside it', async () => {
    const host = create();
    await host.mkdir('/d', directory);
    await host.write('/d/file', 'text', metadata);
    await host.rename('/d/file', 'other');
    expect(await host.list('/d')).toEqual(['other']);
    await host.rename('/d', 'e');
    expect(await host.read('/d')).toEqual({ type: 'absent' });
    expect(await host.read('/e/other')).toMatchObject({ text: 'text' });
    await expect(host.rename('/d', 'f')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('removes a directory only when it is empty, and says so', async () => {
    const host = create();
    await host.mkdir('/d', directory);
    await host.write('/d/file', '', metadata);
    expect(await host.removeDirectory('/d')).toBe(false);
    await host.remove('/d/file');
    expect(await host.removeDirectory('/d')).toBe(true);
    expect(await host.exists('/d')).toBe(false);
    await expect(host.removeDirectory('/d')).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('answers 127 for a program that is not there', async () => {
    const host = create();
    expect(await host.query(['vllmd-no-such-program'])).toMatchObject({ exitCode: 127 });
    expect(await host.run(['vllmd-no-such-program'], 1000)).toMatchObject({ exitCode: 127 });
  });
});
