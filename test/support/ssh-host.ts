import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll } from 'vitest';
import type { Connection } from '../../src/core/fleet/runtimes-file.ts';

const SSHD = '/usr/sbin/sshd';

/** Why no sshd can be started here; in CI it has to be there. */
export function sshObstacle(): string | undefined {
  const missing = [SSHD, '/usr/bin/ssh'].find((path) => !existsSync(path));
  return missing === undefined
    ? undefined
    : told(`there is no ${missing}: bash test/fleet/prereq.sh`);
}

/** Why no namespace of processes can be made here. */
export function processesObstacle(): string | undefined {
  return process.getuid?.() === 0 ? sshObstacle() : told('namespaces of processes need root');
}

/** Why no network namespaces can be made here. */
export function namespaceObstacle(): string | undefined {
  if (process.getuid?.() !== 0) return told('hosts as network namespaces need root');
  const { status } = tried('ip', ['netns', 'list']);
  return status === 0 ? sshObstacle() : told('there is no ip: bash test/fleet/prereq.sh');
}

function told(obstacle: string): string {
  if (process.env['CI'] !== undefined) throw new Error(obstacle);
  process.stderr.write(`tests of hosts skipped: ${obstacle}\n`);
  return obstacle;
}

function tried(file: string, args: readonly string[]): { readonly status: number } {
  try {
    execFileSync(file, [...args], { stdio: 'ignore' });
    return { status: 0 };
  } catch {
    return { status: 1 };
  }
}

/** What is to be taken back at the end of a file of tests, the last first. */
const undo: (() => unknown)[] = [];

/** A hook that a hook asks for would never run. */
export function atEnd(call: () => unknown): void {
  undo.push(call);
}

/** A directory of its own for a file of tests, which goes with it, and with all else that is taken back at its end. */
export function scratch(): string {
  const directory = mkdtempSync(join(tmpdir(), 'vllmd-fleet-'));
  atEnd(() => rmSync(directory, { recursive: true }));
  afterAll(async () => {
    for (const call of undo.splice(0).reverse()) await call();
  });
  return directory;
}

/** For a host: which processes have what is in $PATTERN in an argument. */
export const FIND = 'grep -lsaFf - /proc/[0-9]*/cmdline <<<"$PATTERN"; true';

/** A caller: keys, known hosts, settings, and an ssh in his PATH that has these instead of those of the account. */
export type Caller = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly key: string;
  readonly knownHosts: string;
  /** Of ssh. */
  readonly settings: string;
};

export function newCaller(directory: string): Caller {
  const key = join(directory, 'key');
  keygen(key);
  const knownHosts = join(directory, 'known_hosts');
  const config = join(directory, 'ssh_config');
  writeFileSync(
    config,
    `UserKnownHostsFile ${knownHosts}\nIdentityAgent none\nGlobalKnownHostsFile none\n`,
  );
  const bin = join(directory, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F ${config} "$@"\n`, {
    mode: 0o755,
  });
  const env = {
    ...process.env,
    HOME: directory,
    PATH: `${bin}:${process.env['PATH']}`,
    TMPDIR: directory,
    XDG_RUNTIME_DIR: join(directory, 'nowhere'),
  };
  return { env, key, knownHosts, settings: config };
}

export function keygen(path: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'test', '-f', path]);
}

export type SshHost = {
  readonly connection: Connection;
  /** Of the account there: its profile, its state. */
  readonly home: string;
  /** What sshd has said so far, each attempt to log in among it. */
  readonly log: () => string;
  readonly stop: () => Promise<void>;
};

export type SshHostRequest = {
  readonly directory: string;
  readonly caller: Caller;
  readonly address: string;
  readonly port: number;
  readonly user?: string;
  /** Runs sshd somewhere else, such as in a namespace. */
  readonly within?: readonly string[];
  readonly settings?: readonly string[];
};

/** A real sshd with a key of its own, that lets the caller in and is known to him. */
export async function startSshHost(request: SshHostRequest): Promise<SshHost> {
  const {
    directory,
    caller,
    address,
    port,
    user = userInfo().username,
    within = [],
    settings = [],
  } = request;
  const home = join(directory, 'home');
  mkdirSync(home, { recursive: true });
  const hostKey = join(directory, 'host_key');
  keygen(hostKey);
  const [type, key] = readFileSync(`${hostKey}.pub`, 'utf8').split(' ');
  const place = port === 22 ? address : `[${address}]:${port}`;
  writeFileSync(caller.knownHosts, `${place} ${type} ${key}\n`, { flag: 'a' });
  const authorized = join(directory, 'authorized_keys');
  writeFileSync(authorized, readFileSync(`${caller.key}.pub`, 'utf8'));
  const config = join(directory, 'sshd_config');
  const lines = [
    `ListenAddress ${address}:${port}`,
    `HostKey ${hostKey}`,
    `AuthorizedKeysFile ${authorized}`,
    'PidFile none',
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'MaxStartups 100',
    `SetEnv HOME=${home}`,
  ];
  // The first value of a setting counts.
  writeFileSync(config, [...settings, ...lines, ''].join('\n'));
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const [file = SSHD, ...args] = [...within, SSHD, '-D', '-e', '-f', config];
  const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += String(chunk);
  });
  const ended = once(child, 'exit');
  while (!said.includes('Server listening')) {
    if (child.exitCode !== null) throw new Error(`sshd has ended: ${said}`);
    await wait(10);
  }
  const stop = async () => {
    child.kill();
    await ended;
  };
  atEnd(stop);
  const connection = { host: address, port, user, key_path: caller.key };
  return { connection, home, log: () => said, stop };
}
