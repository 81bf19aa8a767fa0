import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { localTransport } from '../../src/host/fleet/local-transport.ts';
import type { ShellRequest, ShellResult } from '../../src/host/fleet/transport.ts';
import { isGroupAlive } from '../../src/host/servers/group-alive.ts';
import { FIND, scratch } from '../support/ssh-host.ts';

const directory = scratch();
const { run } = localTransport({ ...process.env, HOME: directory });

function shell(script: string, more: Partial<ShellRequest> = {}): Promise<ShellResult> {
  return run({ script, env: {}, timeoutMs: 30_000, ...more });
}

test('a command is told with its exit code and what it says on either stream', async () => {
  expect(await shell('echo out; echo err >&2; exit 3')).toEqual({
    exitCode: 3,
    stdout: 'out\n',
    stderr: 'err\n',
    isTimedOut: false,
    isAborted: false,
  });
});

test('a command that a signal ends has 128 and its number', async () => {
  expect(await shell('kill -KILL $$')).toMatchObject({ exitCode: 137 });
  expect(await shell('exec sh -c "kill -TERM \\$\\$"')).toMatchObject({ exitCode: 143 });
});

test('what bash does not understand is a failure of the command', async () => {
  const { exitCode, stderr } = await shell('((');
  expect(exitCode).not.toBe(0);
  expect(stderr).toContain('unexpected EOF');
});

test('a command has the environment and the PATH of the caller, and no standard input', async () => {
  const { stdout } = await shell('echo "$HOME"; command -v node >/dev/null && cat; echo over');
  expect(stdout).toBe(`${directory}\nover\n`);
});

test('values arrive as they are, whatever is in them', async () => {
  // Half a surrogate pair is no text that could be written anywhere: it becomes a sign that says so.
  const text = fc
    .string({ unit: 'binary', maxLength: 40 })
    .map((value) => value.replaceAll('\0', ''));
  await fc.assert(
    fc.asyncProperty(text, async (value) => {
      const whole = Buffer.from(value).toString();
      const { stdout } = await shell('printf %s "$VALUE"', { env: { VALUE: whole } });
      expect(stdout).toBe(whole);
    }),
    { numRuns: 50 },
  );
});

test('variables of the caller do not become others on the way', async () => {
  const names = ['text', 'mark', 'limit', 'script', 'job', 'watch', 'code', 'i'];
  const env = Object.fromEntries(names.map((name) => [name, `of ${name}`]));
  const { stdout } = await localTransport({ ...process.env, ...env }).run({
    script: names.map((name) => `echo "$${name}"`).join('\n'),
    env: {},
    timeoutMs: 30_000,
  });
  expect(stdout).toBe(names.map((name) => `of ${name}\n`).join(''));
});

test('a pattern that only the command itself holds finds no shell to kill', async () => {
  const result = await shell('pkill -f vllmd-nobody-has-this-name || true; echo alive');
  expect(result).toMatchObject({ exitCode: 0, stdout: 'alive\n' });
});

test('no secret is in an argument while a command runs', async () => {
  const find = (pattern: string) => shell(FIND, { env: { PATTERN: pattern } });
  expect((await find('eval "$(cat)"')).stdout).toMatch(/^\/proc\/\d+\/cmdline\n/);
  expect((await find(`marker-${process.pid}-value`)).stdout).toBe('');
});

test('what a command leaves behind is not waited for, though it holds the output open', async () => {
  const { stdout, isTimedOut } = await shell('sleep 300 & echo $!');
  expect(isTimedOut).toBe(false);
  const pid = Number(stdout);
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  process.kill(pid, 'SIGKILL');
});

test('of a flood the beginning and the end are kept', async () => {
  const { stdout, exitCode } = await shell('echo first; yes flood | head -c 5000000; echo last');
  expect(exitCode).toBe(0);
  expect(stdout.length).toBeLessThan(70_000);
  expect(stdout).toMatch(/^first\nflood\n/);
  expect(stdout).toMatch(/\n… \d+ bytes left out …\n/);
  expect(stdout).toMatch(/last\n$/);
});

describe('a command that has to end', () => {
  const stubborn = 'echo $$ >pid; sleep 300 & trap "" TERM; sleep 300';

  test('is ended at its time limit with all that it has started', async () => {
    const result = await shell('sleep 300 & echo $$; sleep 300', { timeoutMs: 2000 });
    expect(result).toMatchObject({ exitCode: 143, isTimedOut: true, isAborted: false });
    expect(isGroupAlive(Number(result.stdout))).toBe(false);
  });

  test('is killed where it does not care', async () => {
    const result = await shell(`cd ${directory}; ${stubborn}; sleep 300`, { timeoutMs: 2000 });
    expect(result).toMatchObject({ exitCode: 137, isTimedOut: true });
    expect(isGroupAlive(Number(readFileSync(join(directory, 'pid'), 'utf8')))).toBe(false);
  });

  test('is ended when whoever asked has had enough', async () => {
    const enough = new AbortController();
    const script = `cd ${directory}; echo $$ >began; sleep 300`;
    const running = shell(script, { until: enough.signal });
    await expect.poll(() => readdirSync(directory)).toContain('began');
    enough.abort();
    expect(await running).toMatchObject({ exitCode: 143, isTimedOut: false, isAborted: true });
    await expect
      .poll(() => isGroupAlive(Number(readFileSync(join(directory, 'began'), 'utf8'))))
      .toBe(false);
  });

  test('is ended when they have had enough while it is started', async () => {
    const enough = new AbortController();
    const running = shell('sleep 300', { until: enough.signal });
    enough.abort();
    expect(await running).toMatchObject({ isAborted: true, isTimedOut: false });
  });

  test('does not begin where they have had enough before', async () => {
    const result = await shell(`touch ${directory}/never`, { until: AbortSignal.abort() });
    expect(result).toMatchObject({ isAborted: true });
    expect(readdirSync(directory)).not.toContain('never');
  });
});

test('a machine without bash says so', async () => {
  const { run: runWithout } = localTransport({ PATH: directory });
  const result = await runWithout({ script: 'true', env: {}, timeoutMs: 5000 });
  expect(result).toMatchObject({ exitCode: 127, stderr: expect.stringContaining('bash') });
});
