import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { askHealth } from '../src/host/servers/ask-health.ts';
import { openServerLog, type ServerLog } from '../src/host/servers/server-log.ts';
import { tryAddress } from '../src/host/servers/try-address.ts';
import { type Started, start } from '../src/host/spawn.ts';
import { becomes, isRunning } from './support/llama-run.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'vllmd-servers-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function listening(server: Server): Promise<number> {
  onTestFinished(() => void server.close());
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : 0);
    });
  });
}

const at = (port: number) => ({ kind: 'port', host: '127.0.0.1', port }) as const;

test('a look at the health gives the status, whatever the text behind it', async () => {
  const server = createHttp((request, response) => {
    response.writeHead(request.url === '/x/health' ? 200 : 404).end('x'.repeat(100_000));
  });
  const address = at(await listening(server));
  const ask = (path: string) => askHealth({ address, isTls: false, path }, 5000);
  expect(await ask('/x/health')).toEqual({ kind: 'status', status: 200 });
  expect(await ask('/health')).toEqual({ kind: 'status', status: 404 });
});

test('a look at the health says why there is no answer', async () => {
  const silent = at(await listening(createServer()));
  const target = { isTls: false, path: '/health' };
  expect(await askHealth({ ...target, address: silent }, 50)).toEqual({
    kind: 'none',
    why: 'no answer within 0.05 s',
  });
  const gone = { kind: 'socket', path: join(folder, 'none.sock') } as const;
  expect(await askHealth({ ...target, address: gone }, 5000)).toMatchObject({
    why: expect.stringContaining('ENOENT'),
  });
});

const hasOpenssl = existsSync('/usr/bin/openssl');

test.skipIf(!hasOpenssl)(
  'a server of this machine need not have a certificate that somebody knows',
  async () => {
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=elsewhere', '-days', '1'];
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, '-keyout', key, '-out', cert],
      { stdio: 'ignore' },
    );
    const own = { key: readFileSync(key), cert: readFileSync(cert) };
    const server = createHttps(own, (_request, response) => response.end('ok'));
    const address = at(await listening(server));
    const answer = await askHealth({ address, isTls: true, path: '/health' }, 5000);
    expect(answer).toEqual({ kind: 'status', status: 200 });
  },
);

test('an address is free, taken, or none of this machine', async () => {
  const address = at(await listening(createServer()));
  expect(await tryAddress(address)).toEqual({ kind: 'taken' });
  expect(await tryAddress({ ...address, host: '0.0.0.0' })).toEqual({ kind: 'taken' });
  expect(await tryAddress(at(0))).toEqual({ kind: 'free' });
  expect(await tryAddress({ ...address, host: '192.0.2.1' })).toEqual({
    kind: 'impossible',
    why: 'it is no address of this machine',
  });
});

function opened(path: string): ServerLog {
  const log = openServerLog(path);
  if ('why' in log) throw new Error(log.why);
  onTestFinished(log.close);
  return log;
}

test('the tail of a log is what was written since, also after it was cut', () => {
  const path = join(folder, 'a/b.log');
  writeFileSync(join(folder, 'plain'), 'old\n');
  const log = opened(join(folder, 'plain'));
  expect(log.tail()).toBe('');
  writeSync(log.fd, 'new\n');
  expect(log.tail()).toBe('new\n');
  truncateSync(join(folder, 'plain'));
  writeSync(log.fd, 'x\n');
  expect(log.tail()).toBe('x\n');
  const long = opened(path);
  writeSync(long.fd, `first${'y'.repeat(100_000)}`);
  expect(long.tail()).toBe('y'.repeat(65_536));
});

test('a log can be the output of vllmd itself, or nowhere', () => {
  expect(['/dev/stdout', '/dev/stderr'].map((path) => opened(path).fd)).toEqual([1, 2]);
  const nowhere = opened('/dev/null');
  writeSync(nowhere.fd, 'text');
  expect([nowhere.tail(), opened('/dev/stdout').tail()]).toEqual(['', '']);
});

test('a pipe is no log', () => {
  const path = join(folder, 'pipe');
  execFileSync('mkfifo', [path]);
  expect(openServerLog(path)).toEqual({ why: 'it is no regular file' });
});

async function started(
  script: string,
): Promise<{ readonly server: Started; readonly log: string }> {
  const log = join(folder, 'log');
  const server = await start(['/bin/sh', '-c', script], {
    env: { ONLY: 'this' },
    output: opened(log).fd,
    cwd: folder,
  });
  if ('why' in server) throw new Error(server.why);
  onTestFinished(() => void server.signal('SIGKILL'));
  return { server, log };
}

test('a program that was started has its environment and directory alone, and ends with its code', async () => {
  const { server, log } = await started('env; pwd; exit 3');
  expect(await server.ended).toEqual({ exitCode: 3, signal: null });
  const lines = readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => !/^(PWD|_|SHLVL|OLDPWD)=/.test(line));
  expect(lines).toEqual(['ONLY=this', folder, '']);
});

test('a signal reaches what a program has started too', async () => {
  const { server, log } = await started('sleep 600 & echo $!; wait');
  await becomes(() => /\d+\n/.test(readFileSync(log, 'utf8')));
  const inner = Number(readFileSync(log, 'utf8'));
  expect([server.signal(0), isRunning(inner)]).toEqual([true, true]);
  server.signal('SIGTERM');
  expect(await server.ended).toEqual({ exitCode: null, signal: 'SIGTERM' });
  expect(await becomes(() => !isRunning(inner))).toBe(true);
  expect([server.signal(0), server.signal('SIGTERM')]).toEqual([false, false]);
});

test('a program that cannot be started says why', async () => {
  const options = { env: {}, output: 2, cwd: folder };
  expect(await start([join(folder, 'none')], options)).toMatchObject({
    why: expect.stringContaining('ENOENT'),
  });
  expect(await start(['/bin/true', 'x'.repeat(3_000_000)], options)).toMatchObject({
    why: expect.stringContaining('E2BIG'),
  });
});
