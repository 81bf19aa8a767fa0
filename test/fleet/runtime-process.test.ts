import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { RuntimeProcess } from '../../src/core/fleet/active-record.ts';
import { localTransport } from '../../src/host/fleet/local-transport.ts';
import {
  logTail,
  lookAt,
  type StartOutcome,
  type StartRequest,
  startRuntime,
  stopRuntime,
} from '../../src/host/fleet/runtime-process.ts';
import { sshTransport } from '../../src/host/fleet/ssh-transport.ts';
import type { Transport } from '../../src/host/fleet/transport.ts';
import { freePort } from '../support/llama-run.ts';
import { FIND, newCaller, scratch, sshObstacle, startSshHost } from '../support/ssh-host.ts';

const directory = scratch();
const transports: Record<string, Transport> = {};
const obstacle = sshObstacle();

beforeAll(async () => {
  const env = { ...process.env, HOME: directory, XDG_STATE_HOME: join(directory, 'state') };
  transports['this machine'] = localTransport(env);
  if (obstacle !== undefined) return;
  const caller = newCaller(directory);
  const port = await freePort();
  const there = join(directory, 'host');
  const host = await startSshHost({ directory: there, caller, address: '127.0.0.1', port });
  transports['a host with sshd'] = sshTransport(host.connection, caller.env);
});

/** Of a process that is not a zombie. */
function isRunning(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

describe.each([
  ['this machine', false],
  ['a host with sshd', obstacle !== undefined],
] as const)('on %s', (where, isSkipped) => {
  const test_ = test.skipIf(isSkipped);
  const transport: Transport = {
    run: (request) => transports[where]?.run(request) ?? Promise.reject(),
  };

  async function start(command: string, more: Partial<StartRequest> = {}): Promise<StartOutcome> {
    const request = { command, env: {}, modelId: 'model', hostId: 'host' };
    const limits = { graceMs: 300, timeoutMs: 30_000 };
    const outcome = await startRuntime(transport, { ...request, ...limits, ...more });
    const { process: started } = outcome;
    if (started !== undefined)
      onTestFinished(async () => void (await stopRuntime(transport, started)));
    return outcome;
  }

  async function started(command: string, more: Partial<StartRequest> = {}) {
    const outcome = await start(command, more);
    expect(outcome.process).toBeDefined();
    return { ...outcome, process: outcome.process ?? { host_id: '', log: '' } };
  }

  async function numberIn(process: RuntimeProcess): Promise<number> {
    await expect
      .poll(() => logTail(transport, process, 1))
      .toEqual([expect.stringMatching(/^\d+$/)]);
    return Number((await logTail(transport, process, 1))[0]);
  }

  test_(
    'a command in the foreground runs on, and is ended with all that it has started',
    async () => {
      const { process, state } = await started('sleep 300 & echo $!; sleep 300');
      expect(state).toEqual({ kind: 'running' });
      const child = await numberIn(process);
      expect(await lookAt(transport, process)).toEqual({ kind: 'running' });
      expect(isRunning(child)).toBe(true);
      expect(await stopRuntime(transport, process)).toEqual({ kind: 'gone' });
      expect(isRunning(child)).toBe(false);
      expect(await lookAt(transport, process)).toEqual({ kind: 'gone' });
    },
  );

  test_('what a command puts into the background is looked after too', async () => {
    const { process, state } = await started('nohup sleep 300 >/dev/null 2>&1 & echo $!');
    const child = await numberIn(process);
    expect(state).toEqual({ kind: 'running' });
    expect(await lookAt(transport, process)).toEqual({ kind: 'running' });
    expect(await stopRuntime(transport, process)).toEqual({ kind: 'gone' });
    expect(isRunning(child)).toBe(false);
  });

  test_(
    'a command that makes a daemon of itself has started, and its daemon is stopped',
    async () => {
      const { process } = await started("setsid --fork sh -c 'echo $$; exec sleep 300'");
      const daemon = await numberIn(process);
      expect(await lookAt(transport, process)).toEqual({ kind: 'running' });
      expect(await stopRuntime(transport, process)).toEqual({ kind: 'gone' });
      expect(isRunning(daemon)).toBe(false);
    },
  );

  test_('the stop of one that was started before leaves the one of now alone', async () => {
    const { process: before } = await started('echo');
    const { process: now } = await started('setsid --fork sleep 300');
    expect(await stopRuntime(transport, before)).not.toEqual({ kind: 'running' });
    expect(await lookAt(transport, now)).toEqual({ kind: 'running' });
  });

  test_('a command that hands over to others and ends with 0 has started', async () => {
    const { state, log } = await start('echo done');
    expect({ state, log }).toEqual({ state: { kind: 'ended', exitCode: 0 }, log: [] });
  });

  test_('a command that fails is told with its exit code and its log', async () => {
    const { state, log } = await start('echo one; echo two >&2; exit 7', { graceMs: 20_000 });
    expect(state).toEqual({ kind: 'ended', exitCode: 7 });
    expect(log).toEqual(['one', 'two']);
  });

  test_('a failure after the first look is told by the next one', async () => {
    const go = join(directory, `go-${where.length}`);
    const { process, state } = await started(`until [ -e ${go} ]; do sleep 0.1; done; exit 5`);
    expect(state).toEqual({ kind: 'running' });
    writeFileSync(go, '');
    await expect.poll(() => lookAt(transport, process)).toEqual({ kind: 'ended', exitCode: 5 });
  });

  test_('a command that cannot be parsed has failed, and says why', async () => {
    const { state, log } = await start("echo 'never ends", { graceMs: 20_000 });
    expect(state).toMatchObject({ kind: 'ended' });
    expect(log.join('\n')).toContain('unexpected EOF');
  });

  test_('a command and its environment arrive as they are', async () => {
    const value = `it's "$HOME" \`id\` \\ \n é %s %% !`;
    const words = [`'a  b'`, `'$x'`, `'"'`];
    const command = `printf '<%s>\\n' "$VALUE" ${words.join(' ')}`;
    const { process } = await started(command, { env: { VALUE: value, name: 'n', log: 'l' } });
    const lines = await logTail(transport, process, 10);
    expect(lines.join('\n')).toBe(`<${value}>\n<a  b>\n<$x>\n<">`);
  });

  test_('what is known of it before its start is enough to find and to end it', async () => {
    let identity: RuntimeProcess | undefined;
    const bare = "setsid --fork sh -c 'echo $$; exec sleep 300'; env -i sleep 301 & sleep 302";
    const onIdentity = async (process: RuntimeProcess) => {
      expect(await lookAt(transport, process)).toEqual({ kind: 'gone' });
      expect(await stopRuntime(transport, process)).toEqual({ kind: 'gone' });
      identity = process;
    };
    const { process } = await started(bare, { onIdentity });
    expect(identity).toEqual({ host_id: 'host', marker: process.marker, log: process.log });
    if (identity === undefined) return;
    const daemon = await numberIn(process);
    expect(await lookAt(transport, identity)).toEqual({ kind: 'running' });
    expect(await stopRuntime(transport, identity)).toEqual({ kind: 'gone' });
    expect(isRunning(daemon)).toBe(false);
    expect(await lookAt(transport, process)).toEqual({ kind: 'gone' });
  });

  test_('nothing is started where what it will be known by cannot be noted', async () => {
    const file = join(directory, `unnoted-${where.length}`);
    const onIdentity = () => Promise.reject(new Error('no space left'));
    await expect(start(`touch ${file}`, { onIdentity })).rejects.toThrow('no space left');
    expect(existsSync(file)).toBe(false);
  });

  test_('its environment is for the command alone, and breaks nothing of its start', async () => {
    const profile = join(directory, `environment-${where.length}`);
    writeFileSync(profile, 'echo read by a shell of ours; exit 9\n');
    const env = {
      ...{ PATH: '/nowhere', HOME: '/nowhere', IFS: '=.', BASH_ENV: profile, TMPDIR: '/nowhere' },
      ...{ XDG_STATE_HOME: '/nowhere', LD_PRELOAD: '/nowhere.so', vllmd_log: '/nowhere' },
      ...{ ENV: profile, BASH_XTRACEFD: '1' },
    };
    const command = 'echo "$PATH:$HOME:$IFS:$XDG_STATE_HOME"; while :; do read -rt 1 <> <(:); done';
    const { process, state } = await started(command, { env });
    expect(state).toEqual({ kind: 'running' });
    expect(process.log).not.toContain('/nowhere');
    await expect
      .poll(() => logTail(transport, process, 20))
      .toContain('/nowhere:/nowhere:=.:/nowhere');
    expect((await logTail(transport, process, 20)).join()).not.toContain('ours');
    expect(await stopRuntime(transport, process)).toEqual({ kind: 'gone' });
  });

  test_(
    'its number is its own, so that it can write it down, and it holds nothing of ours',
    async () => {
      const { process } = await started('echo $$ $BASHPID; exec ls /proc/self/fd');
      const [numbers = '', ...descriptors] = await logTail(transport, process, 10);
      const [own, real] = numbers.split(' ');
      expect(own).toBe(real);
      expect(descriptors.map(Number).filter((one) => one > 3 && one < 250)).toEqual([]);
    },
  );

  test_('no secret is in an argument while it runs', async () => {
    const marker = `marker-${process.pid}-${where.length}`;
    const command = `: ${marker}; ${FIND}; echo looked; sleep 300`;
    const { process: running } = await started(command, { env: { PATTERN: marker } });
    await expect.poll(() => logTail(transport, running, 20)).toEqual(['looked']);
    const now = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    expect(now.map(argumentsOf).join('\n')).not.toContain(marker);
  });

  test_('one that does not care about SIGTERM is killed', async () => {
    const { process } = await started('trap "" TERM; echo $$; while :; do sleep 1; done');
    const pid = await numberIn(process);
    expect(await stopRuntime(transport, process)).toEqual({ kind: 'gone' });
    expect(isRunning(pid)).toBe(false);
  });

  test_('a number that somebody else has now is left alone', async () => {
    const { process } = await started('sleep 300');
    const { group } = process;
    expect(group).toBeDefined();
    const before = (group?.startTime ?? 0) - 1;
    const other = {
      ...{ ...process, marker: '0123456789abcdef' },
      group: { pgid: group?.pgid ?? 0, startTime: before },
    };
    expect(await lookAt(transport, other)).toEqual({ kind: 'gone' });
    expect(await stopRuntime(transport, other)).toEqual({ kind: 'gone' });
    expect(await lookAt(transport, process)).toEqual({ kind: 'running' });
  });

  test_('its log can be read by its account only, and the one before is kept', async () => {
    const { process } = await started('echo first');
    await started('echo second');
    expect(statSync(process.log).mode & 0o777).toBe(0o600);
    expect(readFileSync(process.log, 'utf8')).toBe('second\n');
    expect(readFileSync(`${process.log}.1`, 'utf8')).toBe('first\n');
    expect(await logTail(transport, process, 5)).toEqual(['second']);
  });

  test_('what was started is known where the start is cut off', async () => {
    const enough = new AbortController();
    const file = join(directory, `cut-${where.length}`);
    const running = start(`echo $$ >${file}; sleep 300`, {
      graceMs: 60_000,
      until: enough.signal,
      timeoutMs: 90_000,
    });
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8') !== '').toBe(true);
    enough.abort();
    const { process, isAborted } = await running;
    expect(isAborted).toBe(true);
    expect(process).toBeDefined();
    if (process === undefined) return;
    expect(await stopRuntime(transport, process)).toEqual({ kind: 'gone' });
    expect(isRunning(Number(readFileSync(file, 'utf8')))).toBe(false);
  });
});

function argumentsOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}

test('a start where nothing can be written says why', async () => {
  const transport = localTransport({ ...process.env, XDG_STATE_HOME: '/proc/nowhere' });
  const request = { command: 'true', env: {}, modelId: 'm', hostId: 'h' };
  const outcome = await startRuntime(transport, { ...request, graceMs: 100, timeoutMs: 10_000 });
  expect(outcome).toMatchObject({
    ...{ process: undefined, hasBegun: false },
    state: { kind: 'unknown' },
  });
  expect(JSON.stringify(outcome.state)).toContain('mkdir');
});
