import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { FakeHost } from './script.ts';

const open: { close: () => void }[] = [];
const children: ChildProcess[] = [];

afterEach(() => {
  for (const server of open.splice(0)) server.close();
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that stands for llama-server's, and lives as long as the test. */
function main(): { readonly MAINPID: string; readonly end: () => Promise<void> } {
  const child = spawn('sleep', ['600']);
  children.push(child);
  const ended = new Promise<void>((resolve) => {
    child.on('exit', () => resolve());
  });
  const end = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  return { MAINPID: String(child.pid), end };
}

/** Answers with these statuses one after the other, then with the last. */
function statuses(...list: readonly number[]): { asked: string[]; listener: RequestListener } {
  const asked: string[] = [];
  return {
    asked,
    listener: ({ url = '' }, response) => {
      response.writeHead(list[Math.min(asked.length, list.length - 1)] ?? 500);
      asked.push(url);
      response.end('{}');
    },
  };
}

async function listening(server: Server, at: string | number = 0, host?: string): Promise<number> {
  open.push(server);
  await new Promise<void>((resolve) => {
    server.listen(typeof at === 'string' ? { path: at } : { port: at, host }, resolve);
  });
  const address = server.address();
  return typeof address === 'string' ? 0 : ((address as AddressInfo | null)?.port ?? 0);
}

/** A port that nobody listens at. */
async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listening(server, 0, '127.0.0.1');
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  return port;
}

test('waits while the model loads, says so once, and ends with the first 200', async () => {
  using host = new FakeHost();
  const { asked, listener } = statuses(503, 503, 200);
  const port = await listening(createServer(listener), 0, '127.0.0.1');
  const { MAINPID } = main();
  const words = ['http', '127.0.0.1', String(port), '', ''];
  expect(await host.run('llama-health', words, { MAINPID })).toEqual({
    code: 0,
    stdout: 'waiting: the model is being loaded, for 0 s\n',
    stderr: '',
  });
  expect(asked).toEqual(['/health', '/health', '/health']);
});

test('asks below the prefix, and takes any other answer for one that is not ready', async () => {
  using host = new FakeHost();
  const { asked, listener } = statuses(404, 200);
  const port = await listening(createServer(listener), 0, '::1');
  const { MAINPID } = main();
  const { code, stdout } = await host.run(
    'llama-health',
    ['http', '::1', String(port), '/llm', ''],
    {
      MAINPID,
    },
  );
  expect([code, stdout]).toEqual([0, 'waiting: /llm/health answers with 404, for 0 s\n']);
  expect(asked).toEqual(['/llm/health', '/llm/health']);
});

test('ends when llama-server has ended, with the end of its log', async () => {
  using host = new FakeHost();
  const { MAINPID, end } = main();
  await end();
  host.file('/log', 'line 1\nerror: no such model');
  const port = String(await freePort());
  const words = ['http', '127.0.0.1', port, '', host.path('/log')];
  const { code, stderr } = await host.run('llama-health', words, { MAINPID });
  expect(code).toBe(1);
  expect(stderr).toBe(
    'vllmd: llama-server has ended\nthe end of /log:\nline 1\nerror: no such model\n',
  );
  const silent = await host.run('llama-health', ['http', '127.0.0.1', port, '', ''], { MAINPID });
  expect([silent.code, silent.stderr]).toEqual([1, 'vllmd: llama-server has ended\n']);
});

test('a log that is not there yet is no other failure', async () => {
  using host = new FakeHost();
  const { MAINPID, end } = main();
  await end();
  const words = ['http', '127.0.0.1', String(await freePort()), '', host.path('/none')];
  const { code, stderr } = await host.run('llama-health', words, { MAINPID });
  expect([code, stderr]).toEqual([1, expect.stringContaining('llama-server has ended')]);
});

test('when systemd gives up on it, it says why, and shows the log', async () => {
  using host = new FakeHost();
  host.file('/log', 'still loading');
  const { MAINPID } = main();
  const port = String(await freePort());
  const words = ['http', '127.0.0.1', port, '', host.path('/log')];
  const limit = ['timeout', '--foreground', '1'];
  const { stdout, stderr } = await host.run('llama-health', words, { MAINPID }, limit);
  expect(stdout).toContain(`waiting: nothing answers at 127.0.0.1:${port} yet`);
  expect(stderr).toContain('it did not get ready in the time that TimeoutStartSec= gives it');
  expect(stderr).toContain('still loading');
});

test('a UNIX socket is asked by curl', async () => {
  using host = new FakeHost();
  const { asked, listener } = statuses(503, 200);
  await listening(createServer(listener), host.path('/s.sock'));
  const { MAINPID } = main();
  const words = ['unix', host.path('/s.sock'), '8080', '/llm', ''];
  expect((await host.run('llama-health', words, { MAINPID })).code).toBe(0);
  expect(asked).toEqual(['/llm/health', '/llm/health']);
});

test('a certificate that nobody has signed is none of its business', async () => {
  using host = new FakeHost();
  const [key, cert] = certificate(host);
  const { listener } = statuses(200);
  const port = await listening(createTlsServer({ key, cert }, listener), 0, '127.0.0.1');
  const { MAINPID } = main();
  const words = ['https', '127.0.0.1', String(port), '', ''];
  expect(await host.run('llama-health', words, { MAINPID })).toMatchObject({ code: 0, stderr: '' });
});

function certificate(host: FakeHost): readonly [key: string, cert: string] {
  const [key, cert] = [host.path('/key.pem'), host.path('/cert.pem')];
  const names = ['-subj', '/CN=localhost', '-keyout', key, '-out', cert];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...names],
    { stdio: 'ignore' },
  );
  return [host.read('/key.pem'), host.read('/cert.pem')];
}

test('a log gets all that a program says behind what is there, and the program its words untouched', async () => {
  using host = new FakeHost();
  host.file('/logs/x.log', 'before');
  host.program('server', 'printf "<%s>\\n" "$@"; echo to stderr >&2; exit 7');
  const words = ['a b', '', '--alias', '50% $HOME "q" \\ ;', '*'];
  const run = [host.path('/logs/x.log'), host.path('/bin/server'), ...words];
  expect(await host.run('llama-log', run)).toEqual({ code: 7, stdout: '', stderr: '' });
  expect(host.read('/logs/x.log').split('\n')).toEqual([
    'before',
    ...words.map((word) => `<${word}>`),
    'to stderr',
  ]);
});

test('a log that cannot be opened ends the start, and is named', async () => {
  using host = new FakeHost();
  writeFileSync(host.path('/file'), '');
  const { code, stderr } = await host.run('llama-log', [host.path('/file/x.log'), '/bin/true']);
  expect(code).not.toBe(0);
  expect(stderr).toContain('/file/x.log');
});
