import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fleet, nameAt, program, serverCommand, until } from '../support/fleet.ts';

const secret = 'hunter2-marker';

test('a model whose start command stays in the foreground runs on when select has ended', async () => {
  const { select, running, record, port, state, call } = await fleet();
  const answer = await select('--model', 'one');
  expect(answer).toMatchObject({
    code: 0,
    out: `Runtime switched to "Model one" successfully.\nEndpoint: http://127.0.0.1:${port}/v1\n`,
  });
  expect(running()).toEqual(['one']);
  expect(await nameAt(port)).toBe('one');
  expect(record()).toMatchObject({
    ...{ format_version: 1, model_id: 'one', backend_id: 'cpu', host_ids: ['here'] },
    ...{ healthy: true, processes: [{ host_id: 'here', log: `${state}/logs/one-here.log` }] },
  });
  expect(readFileSync(`${state}/logs/one-here.log`, 'utf8')).toBe('one is loading\n');
  // Nothing that was started holds the lock.
  expect(statSync(`${state}/runtime.lock`).size).toBe(0);
  const status = await call('select', 'status', '--check', '--json');
  expect(status.code).toBe(0);
  expect(JSON.parse(status.out)).toMatchObject({
    ...{ format_version: '1.0', ok: true, model_id: 'one', check: { ok: true } },
  });
});

test('a model whose start command puts its server into the background is as good', async () => {
  const it = await fleet();
  it.write({
    models: { one: { start_cmd: `nohup ${serverCommand('$NOTES')} > /dev/null 2>&1 &` } },
  });
  expect(await it.select('--model', 'one')).toMatchObject({ code: 0 });
  expect(it.running()).toEqual(['one']);
  const again = await it.select('--model', 'one', '--restart');
  expect(again.code).toBe(0);
  expect(it.running()).toEqual(['one']);
  expect(it.started()).toHaveLength(2);
});

test('a second select of what runs changes nothing, and one after a change of the file restarts it', async () => {
  const { select, started, running, write, port } = await fleet({
    backend: { args: ['-ngl', '1'] },
  });
  await select('--model', 'one');
  const again = await select('--model', 'one');
  expect(again).toMatchObject({
    code: 0,
    out: `Runtime already active and healthy. No changes needed.\nEndpoint: http://127.0.0.1:${port}/v1\n`,
  });
  expect(started()).toHaveLength(1);
  write({ backend: { args: ['-ngl', '2'] } });
  expect((await select('--model', 'one')).out).toContain('Runtime switched to');
  expect(started().map(({ words }) => words.at(-1))).toEqual(['1', '2']);
  expect(running()).toEqual(['one']);
});

test('a switch on one host stops the old model by a pattern that no shell of ours matches', async () => {
  const { select, running, port, record } = await fleet({ models: { one: {}, two: {} } });
  await select('--model', 'one');
  expect(await select('--model', 'two')).toMatchObject({ code: 0 });
  expect(running()).toEqual(['two']);
  expect(await nameAt(port)).toBe('two');
  expect(record()).toMatchObject({ model_id: 'two', healthy: true });
});

test('a switch to another host stops on the host of before, also where that is switched off', async () => {
  const control = (id: string) => ({
    model_control: { stop_cmd: `echo stop {host_id} {model_id} >> $NOTES # ${id}` },
  });
  const { select, running, said, write } = await fleet({
    hosts: { h1: control('h1'), h2: control('h2') },
  });
  await select('--model', 'one', '--host', 'h1');
  expect(running()).toEqual(['one']);
  write({
    hosts: { h1: { ...control('h1'), enabled: false }, h2: control('h2') },
    models: { one: {}, two: {} },
  });
  expect(await select('--model', 'two')).toMatchObject({ code: 0 });
  expect(said()).toEqual(['stop h1 one']);
  expect(running()).toEqual(['two']);
});

test('where the server of before has died, the next select says so and starts it again', async () => {
  const { select, started, running } = await fleet();
  await select('--model', 'one');
  const [first] = started();
  process.kill(first?.pid ?? 0, 'SIGKILL');
  const again = await select('--model', 'one');
  expect(again.err).toMatch(
    /\.\.\. ✗\n {4}\S.*\nReuse health check failed\. Retrying with forced restart\.\.\.\n/s,
  );
  expect(again.code).toBe(0);
  expect(running()).toEqual(['one']);
});

test('the environment of a backend reaches the model, and its secrets no output and no record', async () => {
  const env = { GGML_VK_DEVICE: '0', HF_TOKEN: secret };
  const { select, started, call, state } = await fleet({
    backend: { env, verify_cmd: 'echo "token $HF_TOKEN" >&2' },
  });
  const answers = [
    await select('--model', 'one', '--dry-run', '--json', '--verbose'),
    await select('--model', 'one', '--dry-run', '--verbose'),
    await select('--model', 'one', '--json'),
    await call('select', 'status', '--json'),
  ];
  expect(started()[0]?.env).toMatchObject(env);
  for (const { out, err } of answers) expect(out + err).not.toContain(secret);
  expect(readFileSync(`${state}/runtime-active.json`, 'utf8')).not.toContain(secret);
  expect(JSON.parse(answers[2]?.out ?? '')).toMatchObject({
    ok: true,
    execute: {
      steps: [
        { step: 'verify_backend', status: 'ok', exit_code: 0, stderr: 'token [REDACTED]\n' },
        { step: 'start_model' },
        { step: 'probe_health', status: 'ok' },
      ],
    },
  });
});

test('with -v each command is told before it runs, without secrets and on standard error', async () => {
  const it = await fleet({
    backend: { env: { HF_TOKEN: secret }, verify_cmd: `test ${secret} = "$HF_TOKEN"` },
    models: { one: { start_cmd: 'echo "no such\nfile"; exit 3', probe_cmd: 'false' } },
    hosts: { here: { model_control: { stop_cmd: `true ${secret}` } } },
  });
  const { code, out, err } = await it.select('--model', 'one', '-v', '--json');
  expect([code, JSON.parse(out).ok]).toEqual([4, false]);
  expect(out + err).not.toContain(secret);
  const told = err.slice(0, err.indexOf('error:')).split('\n');
  expect(told).toEqual([
    '+ [here] test [REDACTED] = "$HF_TOKEN"',
    '  Verify backend cpu on here... ✓',
    '+ [here] echo "no such',
    '    file"; exit 3',
    '  Start model one on here... ✗',
    '  End what was started on here... ✓',
    '+ [here] true [REDACTED]',
    '  Stop model one on here... ✓',
    '',
  ]);
});

test('without a terminal a step has one line when it ends, and the probe one when it begins to last', async () => {
  const it = await fleet();
  await it.select('--model', 'one');
  const launch = { probe_cmd: 'sleep 1.5; curl -sf http://127.0.0.1:{port}/health' };
  it.write({
    hosts: {
      here: { model_control: { stop_cmd: `sleep 1.5; pkill -f ${it.folder}/started; true` } },
    },
    models: { one: launch },
  });
  const { code, err } = await it.select('--model', 'one', '--wait-timeout', '60');
  expect(code).toBe(0);
  expect(err.split('\n')).toEqual([
    '  Stop active model on here... ✓',
    '  Start model one on here... ✓',
    '  Probe health for one on here, for up to 60 s',
    '  Probe health for one on here... ✓',
    '',
  ]);
});

test('a dry run prints the plan and makes nothing', async () => {
  const { select, started, hasRecord } = await fleet();
  const { code, out } = await select('--model', 'one', '--dry-run');
  expect({ code, out }).toEqual({
    code: 0,
    out: [
      'Plan for model "Model one":',
      '  host here is the first in the file that a backend fits, and backend cpu is the first in the file that fits it',
      '  [start_model] Start model one on here (timeout: 30s)',
      '  [probe_health] Probe health for one on here (timeout: 30s)',
      '',
    ].join('\n'),
  });
  expect(started()).toEqual([]);
  expect(hasRecord()).toBe(false);
});

test('without a plan nothing is touched: exit code 6, for programs with a document', async () => {
  const { select } = await fleet();
  const plain = await select('--model', 'none');
  expect(plain).toMatchObject({
    ...{ code: 6, out: '' },
    err: 'Plan failed: Model not found or disabled: none (no such model; did you mean one?) (MODEL_NOT_FOUND)\n',
  });
  const json = await select('--json', '--model', 'none');
  expect(json).toMatchObject({ code: 6, err: '' });
  expect(JSON.parse(json.out)).toMatchObject({ ok: false, code: 'MODEL_NOT_FOUND' });
});

test('where nothing runs the status says so, for programs as null', async () => {
  const { call } = await fleet();
  expect(await call('select', 'status')).toMatchObject({ code: 0, out: 'No active runtime.\n' });
  expect(await call('select', '--json', 'status')).toMatchObject({ code: 0, out: 'null\n' });
});

test('what has died since it was selected is not healthy: exit code 4 of a check', async () => {
  const { select, call, started } = await fleet();
  await select('--model', 'one');
  process.kill(started()[0]?.pid ?? 0, 'SIGKILL');
  const status = await call('select', 'status', '--check');
  expect(status.code).toBe(4);
  expect(status.out).toMatch(/\n {2}Check: +not healthy, what was started has ended/);
});

test('a server of somebody else on the port is not taken for the model, and runs on', async () => {
  const it = await fleet();
  const other = createServer((_, response) => response.end('other'));
  await new Promise<void>((resolve) => other.listen(it.port, '127.0.0.1', resolve));
  const { code, err } = await it.select('--model', 'one');
  expect(await nameAt(it.port)).toBe('other');
  await new Promise((resolve) => other.close(resolve));
  expect(code).toBe(4);
  expect(err).toContain('Step failed: start_model on here\nalready answering');
  expect(it.started()).toEqual([]);
  expect(it.hasRecord()).toBe(false);
});

test('a server that has taken the place of a model that died is not taken for it', async () => {
  const it = await fleet();
  await it.select('--model', 'one');
  process.kill(it.started()[0]?.pid ?? 0, 'SIGKILL');
  const other = createServer((_, response) => response.end('other'));
  // The one that was killed lets go of its port a moment later.
  other.on('error', () => setTimeout(() => other.listen(it.port, '127.0.0.1'), 50));
  other.listen(it.port, '127.0.0.1');
  await until(() => other.listening);
  const status = await it.call('select', 'status', '--check');
  const { code, err } = await it.select('--model', 'one');
  await new Promise((resolve) => other.close(resolve));
  expect(status.code).toBe(4);
  expect(status.out).toContain('not healthy, what was started has ended');
  expect(code).toBe(8);
  expect(err).toContain('Reuse health check failed');
  expect(err).toContain('still answering');
  expect(err).toContain('or something else has its port');
});

test('of two selects at once one does its work, and the other one says who has the lock', async () => {
  const it = await fleet();
  const both = [it.begin('select', '--model', 'one'), it.begin('select', '--model', 'one')];
  const answers = await Promise.all(both.map(({ ended }) => ended));
  const winner = answers.findIndex(({ code }) => code === 0);
  expect(answers.map(({ code }) => code).sort()).toEqual([0, 7]);
  expect(answers[1 - winner]?.err).toContain(
    `Runtime lock held by PID ${both[winner]?.child.pid}: select of one, since `,
  );
  expect(it.running()).toEqual(['one']);
});

test.for(['--model', '--host', '--backend'])('%s without a name is wrong usage', async (flag) => {
  const it = await fleet();
  const answer = await it.select(...(flag === '--model' ? [] : ['--model', 'one']), flag, '');
  expect(answer).toMatchObject({
    code: 64,
    err: expect.stringContaining(`${flag} NAME: the value is empty`),
  });
});

/** A select that waits, as another one is at work; what is done meanwhile is done before that ends. */
async function selectAfterWait(meanwhile: (it: Awaited<ReturnType<typeof fleet>>) => void) {
  const it = await fleet({ models: { one: {}, slow: { probe_cmd: 'false' } } });
  const slow = it.begin('select', '--model', 'slow');
  await until(() => it.started().length === 1);
  const next = it.begin('select', '--model', 'one', '--wait-lock', '60');
  let told = '';
  next.child.stderr?.on('data', (text) => {
    told += text;
  });
  await until(() => told.includes('waiting up to 60 for '));
  meanwhile(it);
  slow.child.kill('SIGTERM');
  await slow.ended;
  return { it, answer: await next.ended };
}

test('after a wait the file counts as it is by then', async () => {
  const { it, answer } = await selectAfterWait(({ write }) =>
    write({ models: { one: { source: '/models/later.gguf' } } }),
  );
  expect(answer).toMatchObject({ code: 0 });
  expect(it.started().at(-1)?.words).toContain('/models/later.gguf');
});

test('a file that is not valid any more after a wait starts nothing', async () => {
  const { it, answer } = await selectAfterWait(({ file }) => writeFileSync(file, '{'));
  expect(answer).toMatchObject({ code: 3, err: expect.stringContaining('error[') });
  expect(it.started().map(({ name }) => name)).toEqual(['slow']);
});

test('a file from a pipe counts after a wait as well, though it can be read once', async () => {
  const it = await fleet({ models: { one: {}, two: {} } });
  expect(await it.select('--model', 'one')).toMatchObject({ code: 0 });
  const held = ['-F', join(it.state, 'runtime.lock'), 'sh', '-c', 'echo held; exec sleep 600'];
  const holder = spawn('flock', held, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void holder.kill('SIGKILL'));
  await once(holder.stdout, 'data');
  const command = `exec "$1" "$2" select --model two --wait-lock 60 --file <(cat "$3")`;
  const words = [process.execPath, program, it.file];
  const next = spawn('bash', ['-c', command, 'bash', ...words], { env: it.env });
  let err = '';
  next.stderr.setEncoding('utf8').on('data', (text) => {
    err += text;
  });
  await until(() => err.includes('waiting up to 60 for '));
  holder.kill('SIGKILL');
  const [code] = await once(next, 'close');
  expect(code, err).toBe(0);
  expect(it.running()).toEqual(['two']);
});

test('with --wait-lock a select waits for the one before, which the status names, and --force does not take its lock', async () => {
  const it = await fleet({ models: { one: {}, slow: { probe_cmd: 'false' } } });
  const slow = it.begin('select', '--model', 'slow');
  await until(() => it.started().length === 1);
  expect(await it.select('--model', 'one', '--force')).toMatchObject({ code: 7 });
  const status = await it.call('select', 'status');
  expect(status.err).toContain(`PID ${slow.child.pid}: select of slow, since `);
  expect(status.out).toMatch(
    new RegExp(`\n {2}State: +PID ${slow.child.pid} is starting it since 20[-\\dT:]+Z\n`),
  );
  const json = await it.call('select', 'status', '--json');
  expect(JSON.parse(json.out)).toMatchObject({ healthy: false, in_progress: true });
  const next = it.begin('select', '--model', 'one', '--wait-lock', '60');
  slow.child.kill('SIGTERM');
  expect(await slow.ended).toMatchObject({ code: 143 });
  expect(await next.ended).toMatchObject({ code: 0 });
  expect(it.running()).toEqual(['one']);
});
