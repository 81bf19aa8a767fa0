import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Connection } from '../../src/core/fleet/runtimes-file.ts';
import { lookAt } from '../../src/host/fleet/runtime-process.ts';
import { sshTransport } from '../../src/host/fleet/ssh-transport.ts';
import type { ShellRequest, ShellResult } from '../../src/host/fleet/transport.ts';
import { isGroupAlive } from '../../src/host/servers/group-alive.ts';
import { freePort } from '../support/llama-run.ts';
import {
  type Caller,
  FIND,
  keygen,
  newCaller,
  type SshHost,
  scratch,
  sshObstacle,
  startSshHost,
} from '../support/ssh-host.ts';

const directory = scratch();
let caller: Caller;
let host: SshHost;

const obstacle = sshObstacle();

beforeAll(async () => {
  if (obstacle !== undefined) return;
  caller = newCaller(directory);
  const port = await freePort();
  host = await startSshHost({
    directory: join(directory, 'host'),
    caller,
    address: '127.0.0.1',
    port,
  });
});

type Request = Partial<ShellRequest> & { readonly connection?: Partial<Connection> };

function shell(script: string, { connection, ...more }: Request = {}): Promise<ShellResult> {
  const transport = sshTransport({ ...host.connection, ...connection }, caller.env);
  return transport.run({ script, env: {}, timeoutMs: 30_000, ...more });
}

describe.skipIf(obstacle !== undefined)('on a host with sshd', () => {
  test('a command is told with its exit code and what it says on either stream', async () => {
    expect(await shell('echo out; echo err >&2; exit 3')).toEqual({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
      isTimedOut: false,
      isAborted: false,
    });
  });

  test('the exit code that ssh has for itself is that of the command where it is', async () => {
    const result = await shell('exit 255');
    expect(result.exitCode).toBe(255);
    expect(result.connection).toBeUndefined();
  });

  test('values arrive as they are, whatever is in them', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(text, async (value) => {
        const whole = Buffer.from(value.replaceAll('\0', '')).toString();
        const { stdout } = await shell('printf %s "$VALUE"', { env: { VALUE: whole } });
        expect(stdout).toBe(whole);
      }),
      { numRuns: 15 },
    );
  });

  test('a command runs in a login shell, whose profile is not part of what it says', async () => {
    mkdirSync(host.home, { recursive: true });
    writeFileSync(join(host.home, '.profile'), 'echo welcome; echo hello >&2; FROM_PROFILE=yes\n');
    const { stdout, stderr } = await shell('echo "$0"; cat; echo "$FROM_PROFILE"; exit 1');
    // It is not exported, so only that shell itself has it.
    expect({ stdout, stderr }).toEqual({ stdout: 'bash\n\n', stderr: '' });
    writeFileSync(join(host.home, '.profile'), 'export FROM_PROFILE=yes\n');
    expect(await shell('echo "$FROM_PROFILE"')).toMatchObject({ stdout: 'yes\n' });
  });

  test('a pattern that only the command itself holds finds no shell to kill', async () => {
    const result = await shell('pkill -f vllmd-nobody-has-this-name || true; echo alive');
    expect(result).toMatchObject({ exitCode: 0, stdout: 'alive\n' });
  });

  test('neither a secret nor the path of the key is in an argument while a command runs', async () => {
    const find = (pattern: string) => shell(FIND, { env: { PATTERN: pattern } });
    expect((await find('StrictHostKeyChecking=yes')).stdout).toMatch(/^\/proc\/\d+\/cmdline\n/);
    expect((await find(`marker-${process.pid}-value`)).stdout).toBe('');
    expect((await find(caller.key)).stdout).toBe('');
  });

  test('what a command leaves behind is not waited for, though it holds the output open', async () => {
    const { stdout, isTimedOut } = await shell('sleep 300 & echo $!');
    expect(isTimedOut).toBe(false);
    process.kill(Number(stdout), 'SIGKILL');
  });

  test('of a flood the beginning and the end are kept', async () => {
    const { stdout } = await shell('echo first; yes flood | head -c 5000000; echo last');
    expect(stdout).toMatch(/^first\nflood\n/);
    expect(stdout).toMatch(/last\n$/);
    expect(stdout.length).toBeLessThan(70_000);
  });

  test('a program that is not found has a hint at the PATH', async () => {
    const { exitCode, stderr } = await shell('no-such-program-anywhere');
    expect(exitCode).toBe(127);
    expect(stderr).toContain('no-such-program-anywhere: command not found\nhint: not in the PATH');
  });

  test('a time limit ends what runs over there', async () => {
    const result = await shell('sleep 300 & echo $$; sleep 300', { timeoutMs: 5000 });
    expect(result).toMatchObject({ exitCode: 143, isTimedOut: true });
    expect(isGroupAlive(Number(result.stdout))).toBe(false);
  });

  test('an abort ends what runs over there', async () => {
    const enough = new AbortController();
    const began = join(directory, 'began');
    writeFileSync(began, '');
    const running = shell(`echo $$ >${began}; sleep 300`, { until: enough.signal });
    await expect.poll(() => readFileSync(began, 'utf8')).not.toBe('');
    enough.abort();
    expect(await running).toMatchObject({ exitCode: 143, isTimedOut: false, isAborted: true });
    expect(isGroupAlive(Number(readFileSync(began, 'utf8')))).toBe(false);
  });

  test('a caller who is killed leaves nothing running over there', async () => {
    const began = join(directory, 'killed');
    writeFileSync(began, '');
    const running = shell(`echo $$ $(ps -o pid= -C ssh) >${began}; sleep 300`);
    await expect.poll(() => readFileSync(began, 'utf8')).not.toBe('');
    const [group, ...clients] = readFileSync(began, 'utf8').split(/\s+/).map(Number);
    for (const client of clients.filter((pid) => isOurs(pid))) process.kill(client, 'SIGKILL');
    expect(await running).toMatchObject({
      ...{ exitCode: 255, connection: 'the connection ended', isLost: true },
    });
    await expect.poll(() => isGroupAlive(group ?? 0)).toBe(false);
  });
});

/** An ssh that goes to the host of this file. */
function isOurs(pid: number): boolean {
  // Another file's may have ended meanwhile.
  if (pid === 0 || !existsSync(`/proc/${pid}/cmdline`)) return false;
  return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`\0${host.connection.port}\0`);
}

describe.skipIf(obstacle !== undefined)('a host that is not reached', () => {
  const failed = { exitCode: 255, stdout: '', isTimedOut: false, isAborted: false, isLost: false };

  test('has a port that nobody listens on', async () => {
    const port = await freePort();
    const { connection, ...result } = await shell('true', { connection: { port } });
    expect(result).toMatchObject(failed);
    expect(connection).toBe(`connect to host 127.0.0.1 port ${port}: Connection refused`);
  });

  test('says nothing of a process in the words of ssh', async () => {
    const port = await freePort();
    const transport = sshTransport({ ...host.connection, port }, caller.env);
    const group = { pgid: process.pid, startTime: 1 };
    expect(await lookAt(transport, { host_id: 'h', group, log: '/nowhere' })).toEqual({
      kind: 'unknown',
      why: `ssh: connect to host 127.0.0.1 port ${port}: Connection refused`,
    });
  });

  test('has a name that nobody knows', async () => {
    const { connection } = await shell('true', { connection: { host: 'nobody.invalid' } });
    expect(connection).toContain('Could not resolve hostname nobody.invalid');
  });

  test('has something that is no sshd, and says nothing until the time is over', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await expect.poll(() => server.listening).toBe(true);
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    // Below the limit of the command, so that ssh says it.
    const result = await shell('true', { timeoutMs: 14_000, connection: { port: port ?? 0 } });
    expect(result).toMatchObject({ exitCode: 255, isTimedOut: false });
    expect(result.connection).toMatch(/timed out/);
  });

  test('is not known', async () => {
    const port = await freePort();
    const stranger = await startSshHost({
      directory: join(directory, 'stranger'),
      caller: { ...caller, knownHosts: join(directory, 'elsewhere') },
      address: '127.0.0.1',
      port,
    });
    const { connection } = await shell('true', { connection: stranger.connection });
    expect(connection).toBe(
      `host key verification failed: no ED25519 host key is known for [127.0.0.1]:${port}; log in once by hand, or add it to known_hosts`,
    );
  });

  test('has another key than before', async () => {
    const port = await freePort();
    const known = join(directory, 'another');
    keygen(known);
    const [type, key] = readFileSync(`${known}.pub`, 'utf8').split(' ');
    appendFileSync(caller.knownHosts, `[127.0.0.1]:${port} ${type} ${key}\n`);
    const impostor = await startSshHost({
      directory: join(directory, 'impostor'),
      caller: { ...caller, knownHosts: join(directory, 'elsewhere') },
      address: '127.0.0.1',
      port,
    });
    const { connection } = await shell('true', { connection: impostor.connection });
    expect(connection).toMatch(/^host key verification failed: the host has another key/);
  });

  test('does not let this key in', async () => {
    const key = join(directory, 'wrong');
    keygen(key);
    const result = await shell('true', { connection: { key_path: key } });
    expect(result).toMatchObject(failed);
    expect(result.connection).toMatch(/Permission denied \(publickey/);
  });

  test('is told without the path of a key that is not there', async () => {
    const result = await shell('true', { connection: { key_path: '~/nowhere-to-be-found' } });
    expect(result.connection).toMatch(
      /Permission denied .*no such identity: \[REDACTED\]: No such/,
    );
    expect(JSON.stringify(result)).not.toContain('nowhere-to-be-found');
  });
});

test.skipIf(obstacle !== undefined)(
  'what a command says arrives as it is, also where it names the path of the key',
  async () => {
    const { stdout, stderr } = await shell(`echo ${caller.key}; echo ${caller.key} >&2`);
    expect({ stdout, stderr }).toEqual({ stdout: `${caller.key}\n`, stderr: `${caller.key}\n` });
  },
);

test.skipIf(obstacle !== undefined)('a path of a key that is empty hides nothing', async () => {
  const empty = { key_path: '' };
  const { stdout, connection } = await shell('echo in', { connection: empty });
  expect(`${stdout}${connection ?? ''}`).not.toContain('[REDACTED]');
});

test.skipIf(obstacle !== undefined)('a key can stand below the home of the caller', async () => {
  expect(await shell('echo in', { connection: { key_path: '~/key' } })).toMatchObject({
    stdout: 'in\n',
  });
});
