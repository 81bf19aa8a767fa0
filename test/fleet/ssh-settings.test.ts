import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Connection } from '../../src/core/fleet/runtimes-file.ts';
import { sshTransport } from '../../src/host/fleet/ssh-transport.ts';
import type { ShellResult } from '../../src/host/fleet/transport.ts';
import { freePort } from '../support/llama-run.ts';
import {
  atEnd,
  type Caller,
  newCaller,
  type SshHost,
  scratch,
  sshObstacle,
  startSshHost,
} from '../support/ssh-host.ts';

const directory = scratch();
const obstacle = sshObstacle();
let caller: Caller;
let host: SshHost;
/** Lets nobody in, and asks for a password. */
let asking: SshHost;

beforeAll(async () => {
  if (obstacle !== undefined) return;
  caller = newCaller(directory);
  const place = { caller, address: '127.0.0.1' };
  const at = async (name: string) => ({
    ...{ ...place, directory: join(directory, name), port: await freePort() },
  });
  host = await startSshHost(await at('host'));
  const settings = ['PasswordAuthentication yes', 'AuthorizedKeysFile none'];
  asking = await startSshHost({ ...(await at('asking')), settings });
});

function run(
  script: string,
  connection: Connection,
  env: Readonly<Record<string, string>> = {},
): Promise<ShellResult> {
  const transport = sshTransport(connection, { ...caller.env, ...env });
  return transport.run({ script, env: {}, timeoutMs: 30_000 });
}

/** What the caller's own settings say of a name; the first value of each counts. */
function withSettings(name: string, lines: readonly string[]): void {
  const before = readFileSync(caller.settings, 'utf8');
  writeFileSync(caller.settings, [`Host ${name}`, ...lines, 'Host *', before].join('\n'));
}

describe.skipIf(obstacle !== undefined)('whatever the settings of the caller are', () => {
  test('a jump host that asks for a password is given none, though it has the same name and account', async () => {
    const { key_path: _, ...connection } = host.connection;
    const password = 'only-for-the-host-behind';
    for (const user of [connection.user, 'nobody']) {
      const name = `behind-${user}`;
      const jump = `${user}@127.0.0.1:${asking.connection.port}`;
      withSettings(name, ['HostName 127.0.0.1', `ProxyJump ${jump}`]);
      const result = await run('true', { ...connection, host: name, password });
      expect(result).toMatchObject({ exitCode: 255, isTimedOut: false });
      expect(result.connection).toContain(
        ' (ssh_askpass: a jump host asked for a password: that of the entry is only for its own host, and a jump host needs a key)',
      );
    }
    await expect.poll(asking.log).toMatch(/Connection closed by .*user nobody/);
    expect(asking.log()).not.toMatch(/(Failed|Accepted) password/);
  });

  test('where the entry has no password nobody is asked for one', async () => {
    const asked = join(directory, 'asked');
    const program = join(directory, 'own-askpass');
    writeFileSync(program, `#!/bin/sh\ntouch ${asked}\n`, { mode: 0o755 });
    const env = { DISPLAY: ':0', SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: 'force' };
    const result = await run('true', asking.connection, env);
    expect(result.connection).toMatch(/Permission denied/);
    expect(existsSync(asked)).toBe(false);
  });

  test('the agent of the caller does not come along', async () => {
    const socket = join(directory, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
    atEnd(() => agent.kill());
    await expect.poll(() => existsSync(socket)).toBe(true);
    const own = ['ForwardAgent yes', `IdentityAgent ${socket}`];
    const { port, user, key_path: key = '' } = host.connection;
    withSettings('forwarding', ['HostName 127.0.0.1', ...own, `Port ${port}`]);
    const script = 'echo "agent: $SSH_AUTH_SOCK"';
    // By hand it does.
    const argv = ['-i', key, '-l', user ?? '', 'forwarding', script];
    const { env } = caller;
    expect(String(execFileSync('ssh', argv, { env, stdio: 'pipe' }))).toMatch(/^agent: \//);
    const connection = { ...host.connection, host: 'forwarding' };
    expect(await run(script, connection)).toMatchObject({ stdout: 'agent: \n' });
  });
});
