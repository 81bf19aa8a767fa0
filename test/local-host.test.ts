import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { readConfigFile } from '../src/host/config-file.ts';
import { createLocalHost } from '../src/host/local-host.ts';
import { missingProgram } from './support/terminal.ts';

const uid = process.geteuid?.() ?? 0;
const gid = process.getegid?.() ?? 0;
const metadata = { mode: 0o640, uid, gid };
/** Whoever runs these tests is not this account, so links of his are not trusted. */
const somebodyElse = 4_000_000;

let root = '';
beforeEach(() => {
  root = mkdtempSync(`${tmpdir()}/vllmd-local-`);
  mkdirSync(`${root}/outside`);
});
afterEach(() => rmSync(root, { recursive: true }));

const host = (as = uid) => createLocalHost({ root, uid: as, setsOwner: false });
const machine = createLocalHost({ root: '', uid, setsOwner: false });
const isRoot = uid === 0;

test('writes through a link that only root or the caller can change', async () => {
  symlinkSync('outside', `${root}/home`);
  await host().write('/home/file', 'text', metadata);
  expect(readFileSync(`${root}/outside/file`, 'utf8')).toBe('text');
  expect(await host().read('/home/file')).toMatchObject({ type: 'file', text: 'text' });
});

test('follows trusted links with .. and absolute targets below its own root', async () => {
  mkdirSync(`${root}/a`);
  symlinkSync('../outside', `${root}/a/relative`);
  symlinkSync('/outside', `${root}/absolute`);
  await host().write('/a/relative/one', '1', metadata);
  await host().write('/absolute/two', '2', metadata);
  expect(readdirSync(`${root}/outside`).sort()).toEqual(['one', 'two']);
});

test.skipIf(!isRoot)('neither writes nor reads through a link of somebody else', async () => {
  mkdirSync(`${root}/home`);
  symlinkSync('../outside', `${root}/home/config`);
  const { lchownSync, chownSync } = await import('node:fs');
  chownSync(`${root}/home`, somebodyElse, somebodyElse);
  lchownSync(`${root}/home/config`, somebodyElse, somebodyElse);
  await expect(host().write('/home/config/file', 'text', metadata)).rejects.toMatchObject({
    exit: 'conflict',
    message: expect.stringContaining('/home/config is a symbolic link'),
  });
  expect(await host().read('/home/config/file')).toEqual({ type: 'unsafe', link: '/home/config' });
  expect(readdirSync(`${root}/outside`)).toEqual([]);
});

test.skipIf(!isRoot)('does not trust a link of root in a directory of somebody else', async () => {
  mkdirSync(`${root}/home`);
  symlinkSync('../outside', `${root}/home/config`);
  const { chownSync } = await import('node:fs');
  chownSync(`${root}/home`, somebodyElse, somebodyElse);
  await expect(host().mkdir('/home/config/d', metadata)).rejects.toMatchObject({
    exit: 'conflict',
  });
});

test('does not trust a link in a directory that all can write', async () => {
  mkdirSync(`${root}/shared`);
  chmodSync(`${root}/shared`, 0o777);
  symlinkSync('../outside', `${root}/shared/config`);
  await expect(host().remove('/shared/config/x')).rejects.toMatchObject({ exit: 'conflict' });
});

test('a link that leads to itself ends in an error, not in a loop', async () => {
  symlinkSync('loop', `${root}/loop`);
  await expect(host().write('/loop/file', '', metadata)).rejects.toMatchObject({
    exit: 'conflict',
  });
  expect(await host().read('/loop/file')).toEqual({ type: 'unsafe', link: '/loop' });
});

test('leaves no temporary file behind when a write cannot be finished', async () => {
  mkdirSync(`${root}/outside/name`);
  await expect(host().write('/outside/name', 'text', metadata)).rejects.toThrow();
  await expect(host().link('/outside/name', 'x')).rejects.toThrow();
  expect(readdirSync(`${root}/outside`)).toEqual(['name']);
});

test('a file has its final mode whatever the umask is', async () => {
  const before = process.umask(0o077);
  try {
    await host().write('/outside/open', '', { ...metadata, mode: 0o644 });
    await host().mkdir('/outside/d', { ...metadata, mode: 0o755 });
  } finally {
    process.umask(before);
  }
  expect(statSync(`${root}/outside/open`).mode & 0o777).toBe(0o644);
  expect(statSync(`${root}/outside/d`).mode & 0o777).toBe(0o755);
});

test('does not change the mode of a file, which may have a second name', async () => {
  writeFileSync(`${root}/outside/one`, '');
  const changed = host().setMetadata('/outside/one', metadata, { uid });
  await expect(changed).rejects.toMatchObject({ code: 'ENOTDIR' });
});

test('does not change the mode of what a link leads to', async () => {
  symlinkSync('outside', `${root}/link`);
  const changed = host().setMetadata('/link', { ...metadata, mode: 0o700 }, { uid });
  await expect(changed).rejects.toMatchObject({ code: 'ENOTDIR' });
  expect(statSync(`${root}/outside`).mode & 0o777).toBe(0o755);
});

test('a directory, a device or a huge file where a file belongs is told as what it is', async () => {
  expect(await host().read('/outside')).toMatchObject({ type: 'directory' });
  const machine = createLocalHost({ root: '', uid, setsOwner: false });
  expect(await machine.read('/dev/null')).toEqual({
    type: 'other',
    what: 'device, socket or pipe',
  });
});

const HOLDS_A_LEASE = `
import fcntl, signal, sys
file = open(sys.argv[1], 'r+')
let_go = lambda *_: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
signal.signal(signal.SIGIO, let_go if sys.argv[2] == 'lets go' else signal.SIG_IGN)
fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK)
print('held', flush=True)
while sys.stdin.read(1): pass
`;

/** A process that holds a lease of a file, and lets go of it when another one opens that, or does not. */
async function leaseOf(path: string, how: 'lets go' | 'stays') {
  const holder = spawn('python3', ['-c', HOLDS_A_LEASE, path, how]);
  onTestFinished(() => void holder.kill('SIGKILL'));
  let said = '';
  holder.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const ended = once(holder, 'close').then(() => {
    throw new Error(`nobody holds a lease: ${said}`);
  });
  await Promise.race([once(holder.stdout, 'data'), ended]);
}

const hasPython = missingProgram('python3') === undefined;

test.skipIf(!hasPython)(
  'a file that a process holds by a lease is read when that lets go, and else told as such',
  async () => {
    writeFileSync(`${root}/file`, 'text');
    await leaseOf(`${root}/file`, 'lets go');
    expect(await host().read('/file')).toMatchObject({ type: 'file', text: 'text' });
    writeFileSync(`${root}/other`, 'text');
    await leaseOf(`${root}/other`, 'stays');
    expect(await host().read('/other')).toEqual({
      type: 'other',
      what: 'file that a process holds by a lease',
    });
  },
);

test('a file is read whole, whatever length it says it has', async () => {
  for (const bytes of [0, 1, 65_535, 65_536, 65_537, 200_000]) {
    const text = 'ä'.repeat(bytes / 2) + 'x'.repeat(bytes % 2);
    writeFileSync(`${root}/file`, text);
    expect(await host().read('/file'), `${bytes}`).toMatchObject({ type: 'file', text });
  }
  expect(await machine.read('/proc/version')).toMatchObject({
    text: expect.stringMatching(/^Linux .*\n$/),
  });
  for (const path of ['/sys/devices/system/cpu/online', '/proc/sys/kernel/pid_max']) {
    const text = readFileSync(path, 'utf8');
    expect(await machine.read(path), path).toMatchObject({ text });
  }
});

test('a file in the place of a directory means that nothing lies below it', async () => {
  writeFileSync(`${root}/file`, '');
  expect(await host().read('/file/below')).toMatchObject({ type: 'other' });
});

test('runs programs without a shell and without colours', async () => {
  const result = await machine.query(['printf', '%s', '$HOME; `id`']);
  expect(result).toEqual({ exitCode: 0, stdout: '$HOME; `id`', stderr: '' });
});

test('runs no program of this machine to learn about a host below another root', async () => {
  expect(await host().query(['printf', 'here'])).toMatchObject({ exitCode: 127, stdout: '' });
});

test('a program that does not end is ended, with a line that says so', async () => {
  const result = await machine.run(['sleep', '30'], 50);
  expect(result).toMatchObject({ exitCode: 124, stderr: expect.stringContaining('did not end') });
});

test('what a program has started itself is ended with it, so that nothing keeps its output open', async () => {
  // The test would run out of its own time.
  const result = await machine.run(['sh', '-c', 'echo begun; sleep 30 & wait'], 2000);
  expect(result).toMatchObject({ exitCode: 124, stdout: 'begun\n' });
});

test('a program that does not heed the request to end is killed', async () => {
  const result = await machine.run(['sh', '-c', 'trap "" TERM; sleep 30 & wait; wait'], 100);
  expect(result).toMatchObject({ exitCode: 124 });
});

test('a program that changes this machine can tell that it was called by an install', async () => {
  const argv = ['sh', '-c', 'echo "$VLLMD_LOCK_HELD"'];
  expect(await machine.run(argv, 5000)).toMatchObject({ stdout: '1\n' });
  expect(await machine.query(argv)).toMatchObject({ stdout: '\n' });
});

test('copies every byte of a file, also of one that is no text', async () => {
  const bytes = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * 31) % 256);
  writeFileSync(`${root}/bytes`, bytes, { mode: 0o640 });
  await host().copy('/bytes', '/outside/copy');
  expect(readFileSync(`${root}/outside/copy`).equals(bytes)).toBe(true);
  expect(statSync(`${root}/outside/copy`).mode & 0o777).toBe(0o640);
});

test("a copy that becomes the caller's own does not run as him because its source ran as somebody", async () => {
  writeFileSync(`${root}/program`, '#!/bin/sh');
  chmodSync(`${root}/program`, 0o6755);
  await host().copy('/program', '/outside/copy');
  expect(statSync(`${root}/outside/copy`).mode & 0o7777).toBe(0o755);
});

test('a copy takes the place of a link, not of the file that it leads to', async () => {
  writeFileSync(`${root}/file`, 'new');
  writeFileSync(`${root}/precious`, 'old');
  symlinkSync('../precious', `${root}/outside/link`);
  await host().copy('/file', '/outside/link');
  expect(readFileSync(`${root}/outside/link`, 'utf8')).toBe('new');
  expect(readFileSync(`${root}/precious`, 'utf8')).toBe('old');
});

test('a copy that cannot be finished leaves no temporary file behind', async () => {
  writeFileSync(`${root}/file`, 'text');
  mkdirSync(`${root}/outside/name`);
  await expect(host().copy('/file', '/outside/name')).rejects.toThrow();
  expect(readdirSync(`${root}/outside`)).toEqual(['name']);
});

test.skipIf(!isRoot)('a copy has the owner of its source', async () => {
  const { chownSync } = await import('node:fs');
  writeFileSync(`${root}/file`, 'text');
  chownSync(`${root}/file`, somebodyElse, somebodyElse);
  const owning = createLocalHost({ root, uid, setsOwner: true });
  await owning.copy('/file', '/outside/copy');
  expect(statSync(`${root}/outside/copy`)).toMatchObject({ uid: somebodyElse, gid: somebodyElse });
});

test.skipIf(!isRoot)('copies nothing through a link of somebody else, nor to one', async () => {
  const { chownSync, lchownSync } = await import('node:fs');
  mkdirSync(`${root}/home`);
  symlinkSync('../outside', `${root}/home/config`);
  chownSync(`${root}/home`, somebodyElse, somebodyElse);
  lchownSync(`${root}/home/config`, somebodyElse, somebodyElse);
  writeFileSync(`${root}/outside/secret`, 'secret');
  writeFileSync(`${root}/file`, 'text');
  const away = host().copy('/home/config/secret', '/copy');
  await expect(away).rejects.toMatchObject({ exit: 'conflict' });
  const back = host().copy('/file', '/home/config/secret');
  await expect(back).rejects.toMatchObject({ exit: 'conflict' });
  expect(readFileSync(`${root}/outside/secret`, 'utf8')).toBe('secret');
  expect(existsSync(`${root}/copy`)).toBe(false);
});

test.skipIf(!isRoot)(
  'copies no file that has a second name in a directory of somebody else',
  async () => {
    const { chownSync } = await import('node:fs');
    mkdirSync(`${root}/home`);
    writeFileSync(`${root}/outside/secret`, 'secret', { mode: 0o600 });
    linkSync(`${root}/outside/secret`, `${root}/home/runtime-1.env`);
    chownSync(`${root}/home`, somebodyElse, somebodyElse);
    const copied = host().copy('/home/runtime-1.env', '/copy');
    await expect(copied).rejects.toMatchObject({ code: 'EINVAL' });
    await host().copy('/outside/secret', '/copy');
    expect(readFileSync(`${root}/copy`, 'utf8')).toBe('secret');
  },
);

test('a config is read from a file or a pipe, and a directory says what it is', () => {
  writeFileSync(`${root}/c.toml`, 'x = 1\n');
  expect(readConfigFile(`${root}/c.toml`)).toMatchObject({ kind: 'bytes' });
  expect(readConfigFile(root)).toEqual({ kind: 'unreadable', why: 'it is a directory' });
  expect(readConfigFile(`${root}/none`)).toEqual({ kind: 'absent' });
  expect(readConfigFile(`${root}/c.toml/x`)).toEqual({ kind: 'absent' });
  expect(existsSync(`${root}/none`)).toBe(false);
});

test.each([
  ['is slow', 'printf "x = "; sleep 0.3; printf 1'],
  ['has ended before it is read', 'printf "x = 1"'],
])('a config from a pipe is read to its end where its writer %s', async (_, script) => {
  const pipe = `${root}/pipe`;
  execFileSync('mkfifo', [pipe]);
  // As in `<(…)`: who reads has an end of it before anything is written.
  const fd = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = spawn('sh', ['-c', `exec >"$1"; echo ready >&2; ${script}`, 'sh', pipe]);
  onTestFinished(() => {
    closeSync(fd);
    writer.kill('SIGKILL');
  });
  await once(writer.stderr, 'data');
  if (script.endsWith('"')) await once(writer, 'close');
  expect(readConfigFile(`/dev/fd/${fd}`)).toEqual({ kind: 'bytes', bytes: Buffer.from('x = 1') });
});

test('a path that leads up is written to by no way', async () => {
  mkdirSync(`${root}/a`);
  const own = { mode: 0o755, uid, gid: -1 };
  await expect(host().mkdir('/a/../b', own)).rejects.toThrow('/a/.. has .. in it');
  await expect(host().write('/a/../b', '', own)).rejects.toThrow('/a/.. has .. in it');
  expect(readdirSync(root)).toEqual(['a', 'outside']);
});

test('a file that nobody has typed the name of is opened only where it is a regular one', () => {
  const isOnlyRegular = true;
  writeFileSync(`${root}/schema.json`, '{}', { mode: 0o600 });
  symlinkSync('schema.json', `${root}/link.json`);
  for (const name of ['schema.json', 'link.json']) {
    const found = readConfigFile(`${root}/${name}`, { isOnlyRegular });
    const access = { permissions: 0o600, owner: uid };
    expect(found).toEqual({ kind: 'bytes', bytes: Buffer.from('{}'), ...access });
  }
  symlinkSync('/dev/zero', `${root}/zero`);
  for (const path of [`${root}/zero`, '/dev/zero', root]) {
    const found = readConfigFile(path, { isOnlyRegular });
    expect(found).toEqual({ kind: 'unreadable', why: 'it is no regular file' });
  }
  expect(readConfigFile(`${root}/none`, { isOnlyRegular })).toEqual({ kind: 'absent' });
});

test('a file is called too large where it has more than may be read of it', () => {
  writeFileSync(`${root}/facts.json`, Buffer.alloc(2 ** 20));
  const atMost = { maxMebibytes: 1 };
  expect(readConfigFile(`${root}/facts.json`, atMost)).toMatchObject({ kind: 'bytes' });
  appendFileSync(`${root}/facts.json`, 'x');
  expect(readConfigFile(`${root}/facts.json`, atMost)).toEqual({
    kind: 'unreadable',
    why: 'it is larger than 1 MiB',
  });
});

test.skipIf(!isRoot)(
  'shows nothing of a file that has a second name in a directory of somebody else',
  async () => {
    const { chownSync } = await import('node:fs');
    mkdirSync(`${root}/home`);
    writeFileSync(`${root}/outside/secret`, 'secret', { mode: 0o600 });
    linkSync(`${root}/outside/secret`, `${root}/home/runtime-1.env`);
    chownSync(`${root}/home`, somebodyElse, somebodyElse);
    expect(await host().read('/home/runtime-1.env')).toEqual({
      type: 'other',
      what: 'file with several names',
    });
    expect(await host().read('/outside/secret')).toMatchObject({ text: 'secret' });
  },
);

test('finds programs in the directories of the system, whatever PATH the caller has', async () => {
  const before = process.env['PATH'];
  writeFileSync(`${root}/outside/printf`, '#!/bin/sh\necho forged\n', { mode: 0o755 });
  process.env['PATH'] = `${root}/outside`;
  try {
    expect(await machine.query(['printf', 'real'])).toMatchObject({ stdout: 'real' });
  } finally {
    process.env['PATH'] = before;
  }
});

test.skipIf(!isRoot)('a directory that something is mounted on stays where it is', async () => {
  mkdirSync(`${root}/mounted`);
  execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', `${root}/mounted`]);
  try {
    expect(await host().removeDirectory('/mounted')).toBe(false);
  } finally {
    execFileSync('umount', [`${root}/mounted`]);
  }
});

test.skipIf(!isRoot)(
  'a directory that its owner exchanges between two reads leads nowhere',
  async () => {
    const { chownSync, lchownSync, renameSync } = await import('node:fs');
    mkdirSync(`${root}/home/d`, { recursive: true });
    writeFileSync(`${root}/home/d/other`, 'x');
    writeFileSync(`${root}/outside/user-data`, 'secret', { mode: 0o600 });
    chownSync(`${root}/home`, somebodyElse, somebodyElse);
    chownSync(`${root}/home/d`, somebodyElse, somebodyElse);
    const reader = host();
    expect(await reader.read('/home/d/other')).toMatchObject({ text: 'x' });
    expect(await reader.list('/home/d')).toEqual(['other']);
    renameSync(`${root}/home/d`, `${root}/home/d2`);
    symlinkSync('../outside', `${root}/home/d`);
    lchownSync(`${root}/home/d`, somebodyElse, somebodyElse);
    // What is read at once is read of the directory that was there.
    expect(await reader.read('/home/d/user-data')).toEqual({ type: 'absent' });
    expect(await reader.list('/home/d')).toEqual(['other']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await reader.read('/home/d/user-data')).toEqual({ type: 'unsafe', link: '/home/d' });
    expect(await reader.list('/home/d')).toBeUndefined();
  },
);

test.skipIf(!isRoot)(
  'root reads no file through a directory that is exchanged for a link all the time',
  async () => {
    const { chownSync, lchownSync } = await import('node:fs');
    const { spawn } = await import('node:child_process');
    mkdirSync(`${root}/home/d`, { recursive: true });
    writeFileSync(`${root}/home/d/user-data`, 'own');
    writeFileSync(`${root}/outside/user-data`, 'secret', { mode: 0o600 });
    symlinkSync('../outside', `${root}/home/l`);
    chownSync(`${root}/home`, somebodyElse, somebodyElse);
    lchownSync(`${root}/home/l`, somebodyElse, somebodyElse);
    const loop = 'while :; do mv -T d x && mv -T l d && mv -T d l && mv -T x d; done';
    const exchanging = spawn('sh', ['-c', loop], { cwd: `${root}/home`, detached: true });
    try {
      const ends = Date.now() + 2000;
      const found = new Set<string>();
      while (Date.now() < ends) {
        const entry = await host().read('/home/d/user-data');
        found.add(entry.type === 'file' ? entry.text : entry.type);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect([...found]).not.toContain('secret');
      expect([...found]).toContain('own');
    } finally {
      const gone = new Promise((resolve) => exchanging.on('exit', resolve));
      process.kill(-(exchanging.pid ?? 0), 'SIGKILL');
      await gone;
    }
  },
);

test('reading leaves no file open, whatever is in the way', async () => {
  mkdirSync(`${root}/shared/d`, { recursive: true });
  chmodSync(`${root}/shared`, 0o777);
  writeFileSync(`${root}/shared/d/file`, 'x');
  symlinkSync('d', `${root}/shared/link`);
  const reader = host();
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  for (const path of ['d/file', 'd/none', 'd/file/x', 'link/file', 'link', 'none/x', 'd']) {
    for (let count = 0; count < 20; count += 1) {
      await reader.read(`/shared/${path}`);
      await reader.list(`/shared/${path}`);
    }
  }
  expect(open()).toBeLessThan(before + 10);
  expect(await reader.read('/shared/d/file')).toMatchObject({ text: 'x' });
  expect(await reader.read('/shared/link')).toMatchObject({ type: 'link', trusted: false });
  expect(await reader.read('/shared/link/file')).toEqual({ type: 'unsafe', link: '/shared/link' });
});
