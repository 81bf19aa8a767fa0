import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  describeHolder,
  type Locker,
  type LockHolder,
  type LockRequest,
  lockHolder,
  takeLock,
} from '../src/host/lock.ts';
import { spawn } from '../src/host/spawn.ts';
import { bundleProgram, type Program, startProgram } from './support/program.ts';

const uid = process.geteuid?.() ?? 0;
const scripts = mkdtempSync(`${tmpdir()}/vllmd-lock-program-`);
const program = `${scripts}/take.cjs`;

beforeAll(async () => {
  await bundleProgram(
    `
    import { takeLock } from './src/host/lock.ts';
    import { spawn } from './src/host/spawn.ts';
    async function main() {
      const by = { base: process.argv[2], uid: process.geteuid(), pid: process.pid, user: 'alice',
        version: '1.4.0', isNested: false, now: Date.now };
      const request = { op: 'install', timeoutMs: 0, onWait: () => {} };
      const root = process.argv[3] ?? '';
      const taken = await takeLock(root, request, by).then(() => 'taken', (error) => error.message);
      console.log(taken);
      if (taken !== 'taken') return;
      // A program that it has started lives on, and a timer keeps it alive itself.
      void spawn(['sleep', '5'], 60000);
      setTimeout(() => {}, 30000);
    }
    void main();
    `,
    program,
  );
});
afterAll(() => rmSync(scripts, { recursive: true }));

let base = '';
const programs: Program[] = [];
beforeEach(() => {
  base = mkdtempSync(`${tmpdir()}/vllmd-lock-`);
  mkdirSync(`${base}/run`, { mode: 0o755 });
});
afterEach(() => {
  for (const { child } of programs.splice(0)) child.kill('SIGKILL');
  rmSync(base, { recursive: true });
});

const lockFile = () => `${base}/run/vllmd/install.lock`;

function locker(options: Partial<Locker> = {}): Locker {
  const version = '1.4.0';
  return {
    base,
    uid,
    pid: process.pid,
    user: 'bob',
    version,
    isNested: false,
    now: Date.now,
    ...options,
  };
}

function request(options: Partial<LockRequest> = {}): LockRequest {
  return { op: 'rollback', timeoutMs: 0, onWait: () => undefined, ...options };
}

/** Another process that has the lock. */
async function otherHolder(root?: string): Promise<Program> {
  const other = startProgram([program, base, ...(root === undefined ? [] : [root])]);
  programs.push(other);
  expect(await other.line()).toBe('taken');
  return other;
}

test('one process has the lock, and another one is told who has it', async () => {
  const other = await otherHolder();
  await expect(takeLock('', request(), locker())).rejects.toMatchObject({
    exit: 'locked',
    message: expect.stringMatching(
      new RegExp(`^\`vllmd install\` by alice \\(pid ${other.pid}, \\d+s\\) holds the lock$`),
    ),
    hint: expect.stringContaining('--lock-timeout 60s'),
  });
});

test('kill -9 of the process that has the lock frees it, though its programs live on', async () => {
  const other = await otherHolder();
  other.child.kill('SIGKILL');
  expect(await other.end()).toBe('SIGKILL');
  const lock = await takeLock('', request(), locker());
  expect(JSON.parse(readFileSync(lockFile(), 'utf8'))).toMatchObject({ user: 'bob' });
  lock.release();
});

test('waits as long as it is told to, and says once for whom', async () => {
  const other = await otherHolder();
  const waitedFor: (LockHolder | undefined)[] = [];
  const onWait = (holder: LockHolder | undefined) => {
    waitedFor.push(holder);
    setTimeout(() => other.child.kill('SIGKILL'), 200);
  };
  const lock = await takeLock('', request({ timeoutMs: 20_000, onWait }), locker());
  expect(waitedFor).toMatchObject([{ pid: other.pid, op: 'install', user: 'alice' }]);
  lock.release();
});

test('gives up when the time to wait is over', async () => {
  const lock = await takeLock('', request({ op: 'install' }), locker());
  const begin = Date.now();
  const late = takeLock('', request({ timeoutMs: 700 }), locker());
  await expect(late).rejects.toMatchObject({ exit: 'locked' });
  expect(Date.now() - begin).toBeGreaterThanOrEqual(1200);
  lock.release();
});

test('a lock that was released can be taken, and its file stays, empty', async () => {
  const first = await takeLock('', request(), locker());
  first.release();
  first.release();
  expect(statSync(lockFile())).toMatchObject({ size: 0 });
  expect(statSync(lockFile()).mode & 0o777).toBe(0o600);
  (await takeLock('', request(), locker())).release();
});

test('the directory of the lock is made as one that only root can write, whatever the umask is', async () => {
  const before = process.umask(0o077);
  try {
    (await takeLock('', request(), locker())).release();
  } finally {
    process.umask(before);
  }
  expect(statSync(`${base}/run/vllmd`).mode & 0o777).toBe(0o755);
});

test('a lock in a directory that others can write is refused', async () => {
  mkdirSync(`${base}/run/vllmd`);
  chmodSync(`${base}/run/vllmd`, 0o777);
  await expect(takeLock('', request(), locker())).rejects.toMatchObject({
    exit: 'conflict',
    message: expect.stringContaining('/run/vllmd can be written by others'),
  });
});

test('a link in place of the lock file is not followed', async () => {
  mkdirSync(`${base}/run/vllmd`);
  writeFileSync(`${base}/precious`, 'text');
  symlinkSync(`${base}/precious`, lockFile());
  await expect(takeLock('', request(), locker())).rejects.toMatchObject({ code: 'ELOOP' });
  expect(readFileSync(`${base}/precious`, 'utf8')).toBe('text');
});

test('tells who has the lock without taking it, and nobody when nobody has', async () => {
  expect(await lockHolder('', locker())).toBeUndefined();
  expect(existsSync(`${base}/run/vllmd`)).toBe(false);
  const lock = await takeLock('', request({ op: 'install' }), locker());
  const holder = await lockHolder('', locker());
  expect(holder).toMatchObject({ pid: process.pid, op: 'install', user: 'bob', version: '1.4.0' });
  expect(describeHolder(holder, Number(holder?.since) + 180_000)).toBe(
    `\`vllmd install\` by bob (pid ${process.pid}, 3m)`,
  );
  lock.release();
  expect(await lockHolder('', locker())).toBeUndefined();
});

test('a look at the lock does not keep an install from it', async () => {
  (await takeLock('', request(), locker())).release();
  const looks = Array.from({ length: 8 }, () => lockHolder('', locker()));
  const lock = await takeLock('', request(), locker());
  lock.release();
  await Promise.all(looks);
});

test('a holder whose process has ended is said as such, also when its number is in use again', async () => {
  const lock = await takeLock('', request({ op: 'install' }), locker());
  const text = JSON.parse(readFileSync(lockFile(), 'utf8'));
  writeFileSync(lockFile(), JSON.stringify({ ...text, startTime: text.startTime + 1 }));
  const holder = await lockHolder('', locker());
  expect(describeHolder(holder, 0)).toBe(
    `what \`vllmd install\` by bob has started (pid ${process.pid}, which has ended)`,
  );
  writeFileSync(lockFile(), 'nonsense');
  expect(describeHolder(await lockHolder('', locker()), 0)).toBe('another vllmd');
  lock.release();
});

test('a holder cannot forge output with its name', () => {
  const holder = { pid: 1, startTime: 1, user: '\u001b[2J', op: 'install', version: '', since: 0 };
  expect(describeHolder(holder, 0)).toBe('`vllmd install` by \\u{1b}[2J (pid 1, 0s)');
});

test('a tree below another root has a lock of its own, and nothing in it for that', async () => {
  const tree = `${base}/tree`;
  mkdirSync(tree);
  await otherHolder(tree);
  await expect(takeLock(tree, request(), locker())).rejects.toMatchObject({
    exit: 'locked',
    message: `another vllmd holds the lock of ${tree}`,
  });
  expect(await lockHolder(tree, locker())).toMatchObject({ pid: 0 });
  (await takeLock('', request(), locker())).release();
  expect(existsSync(`${tree}/run`)).toBe(false);
});

test('an install that an install has started fails at once instead of waiting for it', async () => {
  const nested = takeLock('', request({ timeoutMs: 60_000 }), locker({ isNested: true }));
  await expect(nested).rejects.toMatchObject({
    exit: 'locked',
    message: expect.stringContaining('from within an install'),
  });
});

test('no program that is started meanwhile inherits the lock, unless it is given to it', async () => {
  const lock = await takeLock('', request(), locker());
  const list = ['sh', '-c', 'readlink /proc/$$/fd/*'];
  const file = openSync(lockFile(), 'r');
  try {
    expect((await spawn(list, 5000, { descriptor: file })).stdout).toContain('install.lock');
    const { stdout } = await spawn(list, 5000);
    expect(stdout).toContain('/dev/null');
    expect(stdout).not.toContain('install.lock');
  } finally {
    closeSync(file);
    lock.release();
  }
});
