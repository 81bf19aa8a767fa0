import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/core/fleet/runtimes-file.ts';
import { lookAt, startRuntime, stopRuntime } from '../../src/host/fleet/runtime-process.ts';
import { sshTransport } from '../../src/host/fleet/ssh-transport.ts';
import type { ShellRequest, ShellResult } from '../../src/host/fleet/transport.ts';
import { isGroupAlive } from '../../src/host/servers/group-alive.ts';
import { freePort } from '../support/llama-run.ts';
import { type Namespace, namespaces } from '../support/namespaces.ts';
import {
  type Caller,
  FIND,
  namespaceObstacle,
  newCaller,
  type SshHost,
  scratch,
  startSshHost,
} from '../support/ssh-host.ts';

const obstacle = namespaceObstacle();
const directory = scratch();
const PASSWORD = "it's a $ecret";
let caller: Caller;
let one: SshHost;
let two: SshHost;
let cable: Namespace;

beforeAll(async () => {
  if (obstacle !== undefined) return;
  caller = newCaller(directory);
  const [first, second] = namespaces(2);
  if (first === undefined || second === undefined) return;
  cable = second;
  one = await startSshHost({
    ...first,
    directory: join(directory, 'one'),
    caller,
    port: 22,
    within: [...first.within, ...withPasswordOf(join(directory, 'accounts'))],
    settings: ['PasswordAuthentication yes', 'KbdInteractiveAuthentication no'],
  });
  two = await startSshHost({ ...second, directory: join(directory, 'two'), caller, port: 2200 });
});

/** Gives root a password in files that only what runs there sees. */
function withPasswordOf(folder: string): readonly string[] {
  mkdirSync(folder);
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: `${PASSWORD}\n` });
  const [, ...others] = readFileSync('/etc/shadow', 'utf8').split('\n');
  const shadow = join(folder, 'shadow');
  const lines = [`root:${hash.toString().trim()}:19000:0:99999:7:::`, ...others];
  writeFileSync(shadow, lines.join('\n'), { mode: 0o600 });
  const mount = `mount --bind ${shadow} /etc/shadow && exec "$@"`;
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mount, 'sh'];
}

type Request = Partial<ShellRequest> & { readonly connection: Connection };

function shell(script: string, { connection, ...more }: Request): Promise<ShellResult> {
  const transport = sshTransport(connection, caller.env);
  return transport.run({ script, env: {}, timeoutMs: 30_000, ...more });
}

function isOn(host: SshHost): Promise<ShellResult> {
  return shell('ip -br -4 address show scope global', { connection: host.connection });
}

describe.skipIf(obstacle !== undefined)('on two hosts', () => {
  test('a command reaches the one that is meant', async () => {
    expect((await isOn(one)).stdout).toContain(`${one.connection.host}/29`);
    expect((await isOn(two)).stdout).toContain(`${two.connection.host}/29`);
  });

  test('a runtime is started on one and stopped from another connection', async () => {
    const transport = sshTransport(one.connection, caller.env);
    const request = { command: 'exec sleep 300', env: {}, modelId: 'm', hostId: 'one' };
    const limits = { graceMs: 200, timeoutMs: 30_000 };
    const { process, state } = await startRuntime(transport, { ...request, ...limits });
    expect(state).toEqual({ kind: 'running' });
    expect(process?.log).toBe(join(one.home, '.local/state/vllmd/fleet/logs/m-one.log'));
    if (process === undefined) return;
    const later = sshTransport(one.connection, caller.env);
    expect(await lookAt(later, process)).toEqual({ kind: 'running' });
    expect(await stopRuntime(later, process)).toEqual({ kind: 'gone' });
  });
});

describe.skipIf(obstacle !== undefined)('with a password', () => {
  const withPassword = (password: string): Connection => {
    const { key_path: _, ...connection } = one.connection;
    return { ...connection, password };
  };

  test('a host is reached, and the password is in no argument and in no file', async () => {
    const connection = withPassword(PASSWORD);
    const find = (pattern: string) => shell(FIND, { connection, env: { PATTERN: pattern } });
    const result = await find('BatchMode=no');
    expect(result.connection).toBeUndefined();
    expect(result.stdout).toMatch(/^\/proc\/\d+\/cmdline\n/);
    expect((await find(PASSWORD)).stdout).toBe('');
    const files = await shell(`cat ${directory}/askpass-*/*`, { connection });
    expect(files.stdout).toContain('#!/bin/sh');
    expect(files.stdout).not.toContain(PASSWORD);
    expect(readdirSync(directory).filter((name) => name.includes('askpass'))).toEqual([]);
  });

  test('a wrong one is refused once, without asking anybody', async () => {
    const wrong = 'not-this-one';
    const result = await shell('true', { connection: withPassword(wrong) });
    expect(result).toMatchObject({ exitCode: 255, isTimedOut: false });
    expect(result.connection).toContain('Permission denied');
    expect(JSON.stringify(result)).not.toContain(wrong);
    expect(one.log().match(/Failed password for/g)).toHaveLength(1);
  });

  test('a host is reached behind a jump host that takes a key', async () => {
    const port = await freePort();
    const jump = await startSshHost({
      ...{ directory: join(directory, 'jump'), caller, address: '127.0.0.1', port },
    });
    const way = [
      ...['Host behind', `HostName ${one.connection.host}`, `ProxyJump root@127.0.0.1:${port}`],
      ...['Host 127.0.0.1', `IdentityFile ${caller.key}`, ''],
    ];
    appendFileSync(caller.settings, way.join('\n'));
    const connection = { ...withPassword(PASSWORD), host: 'behind' };
    expect(await shell('echo in', { connection })).toMatchObject({ stdout: 'in\n' });
    expect(jump.log()).toContain('Accepted publickey for root');
  });

  test('a key that is let in comes first', async () => {
    const connection = { ...one.connection, password: 'not-this-one' };
    expect(await shell('echo in', { connection })).toMatchObject({ stdout: 'in\n' });
  });
});

describe.skipIf(obstacle !== undefined)('a host that goes away', () => {
  test('was not there to begin with', async () => {
    const connection = { ...one.connection, host: cable.nobody };
    const result = await shell('true', { connection, timeoutMs: 4000 });
    expect(result.exitCode).toBe(255);
    expect(result.connection).toMatch(
      /timed out|No route to host|Network is unreachable|no answer/,
    );
  });

  test('is told in the middle of a command, which ends at its limit over there', async () => {
    const began = join(directory, 'began');
    writeFileSync(began, '');
    const running = shell(`echo $$ >${began}; sleep 300`, {
      connection: two.connection,
      timeoutMs: 25_000,
    });
    await expect.poll(() => readFileSync(began, 'utf8')).not.toBe('');
    cable.cut();
    const result = await running;
    expect(result).toMatchObject({ exitCode: 255, isTimedOut: false });
    expect(result.connection).toMatch(/^Timeout, server .* not responding$/);
    const group = Number(readFileSync(began, 'utf8'));
    expect(isGroupAlive(group)).toBe(true);
    await expect.poll(() => isGroupAlive(group)).toBe(false);
  });
});
