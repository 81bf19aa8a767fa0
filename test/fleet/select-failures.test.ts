import { mkdirSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fleet, nameAt, serverCommand, until } from '../support/fleet.ts';

const noting = (what: string) => `echo ${what} {model_id} {backend_id} on {host_id} >> $NOTES`;

test('a start command that fails is told with its exit code and its log, and leaves nothing', async () => {
  const it = await fleet({
    models: { one: { start_cmd: 'echo cudaMalloc failed: out of memory >&2; exit 3' } },
  });
  const { code, err } = await it.select('--model', 'one');
  expect(code).toBe(4);
  expect(err).toContain(
    'error: Execution failed: Step failed: start_model on here\nwhat was started has ended with exit code 3\ncudaMalloc failed: out of memory\n',
  );
  expect(it.hasRecord()).toBe(false);
});

test('a first start that is never healthy leaves no server and no record', async () => {
  const it = await fleet({
    models: { one: { probe_cmd: 'echo probing >&2; exit 22', probe_timeout_sec: 1 } },
  });
  const { code, err, out } = await it.select('--model', 'one', '--json');
  expect(code).toBe(4);
  expect(it.started()).toHaveLength(1);
  expect(it.running()).toEqual([]);
  expect(it.hasRecord()).toBe(false);
  expect(err).toContain(
    'Step failed: probe_health on here (timed out)\nnot healthy within 1 s, in ',
  );
  expect(err).toContain('the end of its log:\none is loading\n');
  expect(JSON.parse(out)).toMatchObject({
    ...{ format_version: '1.0', ok: false, undo_complete: true, active: null },
    execute: { ok: false, reused: false, error: expect.stringContaining('probe_health on here') },
  });
});

test('--wait-timeout takes the place of the time that the file has for the probe', async () => {
  const it = await fleet({ models: { one: { probe_cmd: 'false', probe_timeout_sec: 600 } } });
  const { code, err } = await it.select('--model', 'one', '--wait-timeout', '1');
  expect(code).toBe(4);
  expect(err).toContain('not healthy within 1 s');
});

test('a server that ends while it loads is a failure at once, however long the probe might wait', async () => {
  const it = await fleet({
    models: {
      one: {
        // Before it starts anything, vllmd asks whether somebody answers already.
        start_cmd:
          'rm -f $NOTES.probed; until [ -e $NOTES.probed ]; do sleep 0.1; done; echo no such file >&2; exit 1',
        probe_cmd: 'touch $NOTES.probed; exit 22',
        probe_timeout_sec: 600,
      },
    },
  });
  const { code, err } = await it.select('--model', 'one');
  expect(code).toBe(4);
  expect(err).toContain(
    'Step failed: probe_health on here\nwhat was started has ended with exit code 1\nno such file\n',
  );
});

test('a backend that is not verified is rolled back on its host, with all values inserted', async () => {
  const it = await fleet({
    hosts: { h1: {}, h2: {} },
    backend: {
      host_filters: ['h2'],
      apply_cmd: noting('apply'),
      verify_cmd: 'exit 5',
      rollback_cmd: noting('rollback'),
    },
  });
  const { code, err } = await it.select('--model', 'one');
  expect(code).toBe(4);
  expect(err).toContain('Step failed: verify_backend on h2\nexit code 5\n');
  expect(it.said()).toEqual(['apply one cpu on h2', 'rollback one cpu on h2']);
  expect(it.started()).toEqual([]);
});

test('a failed start after a switch is taken back in the reverse order', async () => {
  const it = await fleet({
    models: { one: { probe_cmd: 'false', probe_timeout_sec: 1 } },
    backend: { apply_cmd: noting('apply'), rollback_cmd: noting('rollback') },
    hosts: {
      here: { model_control: { stop_cmd: noting('stop'), cleanup_cmd: noting('cleanup') } },
    },
  });
  expect(await it.select('--model', 'one')).toMatchObject({ code: 4 });
  expect(it.said().map((line) => line.split(' ')[0])).toEqual([
    ...['apply', 'stop', 'cleanup', 'rollback'],
  ]);
  expect(it.running()).toEqual([]);
});

const cannotStart = { one: {}, two: { start_cmd: 'exit 3' } };

test('a failed switch says that what ran before was stopped, and programs are told which model that is', async () => {
  const it = await fleet({ models: cannotStart });
  await it.select('--model', 'one');
  const { code, err, out } = await it.select('--model', 'two', '--json');
  expect(code).toBe(4);
  expect(err).toContain(
    '  help: nothing of it is left running\n        one, which ran before, was stopped and does not run any more\n',
  );
  expect(JSON.parse(out)).toMatchObject({ stopped: { model_id: 'one', host_ids: ['here'] } });
  const next = await it.select('--model', 'two', '--json');
  expect(next.err).toMatch(/help: nothing of it is left running\n$/);
  expect(JSON.parse(next.out)).toMatchObject({ stopped: null });
});

test('a switch that is interrupted after its stop says that what ran before was stopped', async () => {
  const it = await fleet({ models: { one: {}, two: { probe_cmd: 'false' } } });
  await it.select('--model', 'one');
  const { child, ended } = it.begin('select', '--model', 'two');
  await until(() => it.started().length === 2);
  child.kill('SIGINT');
  const { code, err } = await ended;
  expect(code).toBe(130);
  expect(err).toContain('one, which ran before, was stopped and does not run any more\n');
});

test('a stop that is interrupted is not told to succeed where nothing runs', async () => {
  const it = await fleet({ models: { one: {}, two: {} } });
  const stop_cmd = 'echo stopping >> $NOTES; sleep 60';
  it.write({ models: { one: {}, two: {} }, hosts: { here: { model_control: { stop_cmd } } } });
  await it.select('--model', 'one');
  const { child, ended } = it.begin('select', '--model', 'two');
  await until(() => it.said().includes('stopping'));
  child.kill('SIGINT');
  const { code, err } = await ended;
  expect(code).toBe(8);
  expect(err).toContain('one may still run on here');
  expect(err).not.toMatch(/was stopped|\|\| true/);
});

test('a stop command that fails keeps the old model on record, and the switch from its start: exit code 8', async () => {
  const it = await fleet({ models: { one: {}, two: {} } });
  await it.select('--model', 'one');
  it.write({
    models: { one: {}, two: {} },
    hosts: { here: { model_control: { stop_cmd: 'echo busy >&2; exit 9' } } },
  });
  const { code, err } = await it.select('--model', 'two');
  expect(code).toBe(8);
  expect(err).toContain('Step failed: stop_model on here\nexit code 9\nbusy\n');
  expect(err).toContain('one may still run on here');
  expect(err).toContain('a stop_cmd has to succeed where nothing runs, too: end it with `|| true`');
  expect(it.running()).toEqual(['one']);
  expect(it.record()).toMatchObject({ model_id: 'one', healthy: false });
});

test('a way back that fails is exit code 8, and the record says what may still run', async () => {
  const it = await fleet({
    models: { one: { probe_cmd: 'false', probe_timeout_sec: 1 } },
    hosts: { here: { model_control: { stop_cmd: 'exit 9' } } },
  });
  const { code, err } = await it.select('--model', 'one');
  expect(code).toBe(8);
  expect(err).toContain('this could not be taken back: Stop model one on here');
  expect(it.record()).toMatchObject({ model_id: 'one', healthy: false, host_ids: ['here'] });
  const status = await it.call('select', 'status', '--json');
  expect(JSON.parse(status.out)).toMatchObject({ healthy: false });
});

test('a clean-up that fails is a warning', async () => {
  const it = await fleet({
    models: { one: {}, two: {} },
    hosts: {
      here: { model_control: { stop_cmd: 'true', cleanup_cmd: 'echo no space >&2; exit 1' } },
    },
  });
  await it.select('--model', 'one');
  const { code, err } = await it.select('--model', 'two');
  expect(code).toBe(0);
  expect(err).toMatch(/Clean up on here\.\.\. ✗ warning: .*\n {4}exit code 1\n {4}no space\n/);
  expect(it.running()).toEqual(['two']);
});

test.for([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s while a model is probed ends it and frees the lock: exit code %i',
  async ([signal, code]) => {
    const it = await fleet({ models: { one: { probe_cmd: 'false' }, two: {} } });
    const { child, ended } = it.begin('select', '--model', 'one', '--json');
    await until(() => it.started().length === 1);
    child.kill(signal);
    const answer = await ended;
    expect(answer).toMatchObject({ code, signal: null });
    expect(answer.err).toContain(`interrupted by ${signal}`);
    expect(JSON.parse(answer.out)).toMatchObject({ ok: false, undo_complete: true });
    expect(it.running()).toEqual([]);
    expect(it.hasRecord()).toBe(false);
    expect(await it.select('--model', 'two')).toMatchObject({ code: 0 });
  },
);

test('after kill -9 of a select what it has started is on record, and the next one stops it', async () => {
  const it = await fleet({
    models: { one: { probe_cmd: 'false' }, two: {} },
    // Only the record says what to end.
    hosts: { here: { model_control: { stop_cmd: 'true' } } },
  });
  const { child, ended } = it.begin('select', '--model', 'one');
  await until(() => it.started().length === 1 && it.record().processes.length === 1);
  child.kill('SIGKILL');
  await ended;
  expect(it.running()).toEqual(['one']);
  expect(it.record()).toMatchObject({ model_id: 'one', healthy: false });
  expect(await it.select('--model', 'two')).toMatchObject({ code: 0 });
  expect(it.running()).toEqual(['two']);
  expect(await nameAt(it.port)).toBe('two');
});

test('a start command that is killed at its start leaves nothing of what it had begun', async () => {
  const it = await fleet();
  it.write({
    models: {
      one: { start_cmd: `${serverCommand('$NOTES')} & sleep 0.3; kill -9 $$`, probe_cmd: 'false' },
    },
  });
  const { code } = await it.select('--model', 'one');
  expect(code).toBe(4);
  expect(it.running()).toEqual([]);
});

test('why a step failed is told once, behind all that was taken back', async () => {
  const it = await fleet({
    models: { one: { start_cmd: 'echo no such file >&2; exit 3' } },
    hosts: { here: { model_control: { stop_cmd: 'echo cannot stop >&2; exit 9' } } },
  });
  const { err } = await it.select('--model', 'one');
  expect(err.split('no such file')).toHaveLength(2);
  expect(err).toContain('  Start model one on here... ✗\n');
  expect(err).toContain('  Stop model one on here... ✗\n    exit code 9\n    cannot stop\n');
  expect(err.indexOf('no such file')).toBeGreaterThan(err.indexOf('cannot stop'));
});

test('a start for which no log can be made starts nothing, stops nothing, and is taken back', async () => {
  const it = await fleet({
    hosts: { here: { model_control: { stop_cmd: `${noting('stop')}; exit 1` } } },
    backend: { apply_cmd: noting('apply'), rollback_cmd: noting('rollback') },
  });
  mkdirSync(it.state, { recursive: true, mode: 0o700 });
  writeFileSync(`${it.state}/logs`, 'in the way');
  const { code, err } = await it.select('--model', 'one');
  expect(code).toBe(4);
  expect(err).toContain('error: Execution failed: Step failed: start_model on here\nmkdir: ');
  expect(err).toContain('help: nothing was started\n');
  expect(it.said()).toEqual(['apply one cpu on here', 'rollback one cpu on here']);
  expect([it.started(), it.hasRecord()]).toEqual([[], false]);
});
