import { expect, test } from 'vitest';
import type { ActiveRecord } from '../../src/core/fleet/active-record.ts';
import { failureText } from '../../src/core/fleet/execution/execution.ts';
import type { RuntimeHost } from '../../src/core/fleet/runtimes-file.ts';
import { execute } from '../../src/host/fleet/execute/execute.ts';
import type { HostAccess } from '../../src/host/fleet/execute/host-access.ts';
import { selectRuntime } from '../../src/host/fleet/execute/select-runtime.ts';
import type { ShellResult } from '../../src/host/fleet/transport.ts';
import {
  planOf,
  processOn,
  recordOf,
  type Script,
  scriptedFleet,
  unreachable,
} from '../support/scripted-fleet.ts';

async function carriedOut(options: Parameters<typeof planOf>[0], script: Script = {}) {
  const fleet = scriptedFleet(script);
  const execution = await execute(planOf(options), fleet.context);
  return { ...fleet, execution };
}

const failing = (which: string) => ({
  answer: (command: string) =>
    command === which ? { exitCode: 1, stderr: 'no such\n' } : undefined,
});

const unhealthyProbe = (command: string) =>
  command.startsWith('probe') ? { exitCode: 22, stderr: 'refused\n' } : undefined;

const wayBack = ['h1: (end of the process)', 'h1: stop h1', 'h1: cleanup h1', 'h1: rollback h1'];

test('a switch between two hosts stops on the old one and starts on the new one', async () => {
  const active = recordOf('h1');
  const { calls, execution, record, running } = await carriedOut(
    { target: 'h2', from: ['h1'] },
    { active },
  );
  expect(calls).toEqual([
    ...['h1: stop h1', 'h1: (end of the process)', 'h1: cleanup h1'],
    ...['h2: apply h2', 'h2: verify h2'],
    // What answers already would be something else.
    'h2: probe h2',
    ...['h2: start h2', 'h2: probe h2'],
  ]);
  expect(execution).toMatchObject({ failure: undefined, isIncomplete: false, isReused: false });
  expect([...running]).toEqual(['h2']);
  expect(record()).toEqual({
    ...{ format_version: 1, model_id: 'new', backend_id: 'vulkan', host_ids: ['h2'] },
    hosts: [{ id: 'h2', transport: 'local' }],
    ...{ healthy: true, started_at: '2026-11-26T14:00:00Z', fingerprint: 'new' },
    endpoint: 'http://127.0.0.1:8080/v1',
    variables: expect.objectContaining({ source: '/models/new.gguf' }),
    processes: [processOn('h2')],
  });
});

test('a stop that fails leaves all else alone, and the old runtime on record as unhealthy', async () => {
  const active = recordOf('h1');
  const { calls, execution, record } = await carriedOut(
    { target: 'h2', from: ['h1'] },
    { active, ...failing('stop h1') },
  );
  expect(calls).toEqual(['h1: stop h1']);
  expect(record()).toEqual({ ...active, healthy: false });
  expect(execution).toMatchObject({ isIncomplete: true, failure: { step: 'stop_model' } });
  expect(execution.steps.map(({ status }) => status)).toEqual([
    'error',
    ...Array.from({ length: 5 }, () => 'skipped'),
  ]);
  expect(execution.failure && failureText(execution.failure)).toBe(
    'Step failed: stop_model on h1\nexit code 1\nno such',
  );
});

test('a runtime that outlives its stop command is a stop that failed', async () => {
  const active = recordOf('h1');
  const { execution, record } = await carriedOut(
    { target: 'h1', from: ['h1'] },
    { active, end: () => 'process group 4711 does not end' },
  );
  expect(execution.failure).toMatchObject({
    step: 'stop_model',
    detail: 'process group 4711 does not end',
  });
  expect(record()).toEqual({ ...active, healthy: false });
});

test('a runtime that still answers behind its stop command is a stop that failed, and nothing else is begun', async () => {
  const active = recordOf('h1');
  const answer = (command: string) => (command === 'probe h1' ? {} : undefined);
  const { calls, execution, record } = await carriedOut(
    { target: 'h2', from: ['h1'], isStopProbed: true },
    { active, answer },
  );
  expect([...new Set(calls)]).toEqual(['h1: stop h1', 'h1: (end of the process)', 'h1: probe h1']);
  expect(execution).toMatchObject({ isIncomplete: true, failure: { step: 'stop_model' } });
  expect(execution.failure?.detail.split('\n')).toEqual([
    'still answering: stop_cmd succeeded, and so does the probe of old',
    'it runs on, or something else has its port: end that by hand, or correct stop_cmd; --force does not ask',
  ]);
  expect(record()).toEqual({ ...active, healthy: false });
});

test('a runtime that falls silent a while behind its stop command has been stopped', async () => {
  let left = 3;
  const answer = (command: string) => {
    if (command !== 'probe h1') return undefined;
    left -= 1;
    return left > 0 ? {} : { exitCode: 7 };
  };
  const { calls, execution } = await carriedOut(
    { target: 'h2', from: ['h1'], isStopProbed: true },
    { active: recordOf('h1'), answer },
  );
  expect(execution.failure).toBeUndefined();
  expect(calls.slice(0, 6)).toEqual([
    ...['h1: stop h1', 'h1: (end of the process)'],
    ...Array.from({ length: 3 }, () => 'h1: probe h1'),
    'h1: cleanup h1',
  ]);
});

test('where the host is gone behind its stop command, nobody knows whether that stopped anything', async () => {
  const active = recordOf('h1');
  const { execution, record } = await carriedOut(
    { target: 'h2', from: ['h1'], isStopProbed: true },
    { active, answer: (command) => (command === 'probe h1' ? unreachable : undefined) },
  );
  expect(execution.failure).toMatchObject({
    step: 'stop_model',
    detail: 'ssh: connect to host 10.0.0.10 port 22: Connection refused',
  });
  expect(record()).toEqual({ ...active, healthy: false });
});

test('what a stop command said is told where it is not believed', async () => {
  const answer = (command: string) => {
    if (command === 'stop h1') return { stderr: 'No such container: wrong\n' };
    return command === 'probe h1' ? {} : undefined;
  };
  const { execution } = await carriedOut(
    { target: 'h2', from: ['h1'], isStopProbed: true },
    { active: recordOf('h1'), answer },
  );
  expect(execution.failure).toMatchObject({
    ...{ status: 'error', exitCode: 0, stderr: 'No such container: wrong\n' },
    detail: expect.stringMatching(/^still answering: .*\n.*\nNo such container: wrong$/),
  });
});

test('what answers behind a stop that nobody checked may be what was stopped, and stays on record', async () => {
  const active = recordOf('h1');
  const answer = (command: string) => (command === 'probe h1' ? {} : undefined);
  const { execution, record } = await carriedOut(
    { target: 'h1', from: ['h1'] },
    { active, answer },
  );
  expect(execution).toMatchObject({ isIncomplete: true, stopped: undefined });
  expect(execution.failure).toMatchObject({
    step: 'start_model',
    detail: expect.stringContaining('it may be old, whose stop was not checked'),
  });
  expect(record()).toEqual({ ...active, healthy: false });
});

test('what was told to stop has its time to end before it is ended', async () => {
  let looks = 0;
  let looksAtEnd = 0;
  const state = () => {
    looks += 1;
    return { kind: looks === 5 ? 'gone' : 'running' } as const;
  };
  const end = () => {
    looksAtEnd = looks;
    return undefined;
  };
  const { execution } = await carriedOut({ from: ['h1'] }, { active: recordOf('h1'), state, end });
  expect(execution.failure).toBeUndefined();
  expect(looksAtEnd).toBe(5);
});

test('a host that has moved is stopped where it was, and started where it is', async () => {
  const fleet = scriptedFleet({ active: recordOf('h1') });
  const plan = planOf({ target: 'h1', from: ['h1'] });
  const connection = { host: 'aaa' };
  const steps = plan.steps.map((step) =>
    ['stop_model', 'cleanup_model'].includes(step.kind)
      ? { ...step, host: { ...plan.target, connection } }
      : step,
  );
  const where: string[] = [];
  const { access } = fleet.context;
  const execution = await execute(
    { ...plan, steps },
    {
      ...fleet.context,
      access: {
        ...access,
        run: (host, command, how) => {
          where.push(`${command.command} at ${host.connection.host ?? 'now'}`);
          return access.run(host, command, how);
        },
        end: (host, process) => {
          where.push(`end at ${host.connection.host ?? 'now'}`);
          return access.end(host, process);
        },
      },
    },
  );
  expect(execution.failure).toBeUndefined();
  expect(where.slice(0, 4)).toEqual([
    ...['stop h1 at aaa', 'end at aaa', 'cleanup h1 at aaa', 'apply h1 at now'],
  ]);
});

test('a clean-up that fails is told and stops nothing', async () => {
  const { execution, record } = await carriedOut(
    { target: 'h1', from: ['h1'] },
    { active: recordOf('h1'), ...failing('cleanup h1') },
  );
  expect(execution.failure).toBeUndefined();
  expect(execution.steps[1]).toMatchObject({ step: 'cleanup_model', status: 'error' });
  expect(record()).toMatchObject({ model_id: 'new', healthy: true });
});

test('a backend that cannot be applied is rolled back', async () => {
  const { calls, execution, record } = await carriedOut({ target: 'h2' }, failing('apply h2'));
  expect(calls).toEqual(['h2: apply h2', 'h2: rollback h2']);
  expect(execution).toMatchObject({ isIncomplete: false, failure: { step: 'apply_backend' } });
  expect(record()).toBeUndefined();
});

test('a backend that was applied and is not verified is rolled back on the host of the step', async () => {
  const { calls, execution, record } = await carriedOut(
    { target: 'h2', from: ['h1'] },
    { active: recordOf('h1'), ...failing('verify h2') },
  );
  expect(calls.slice(-3)).toEqual(['h2: apply h2', 'h2: verify h2', 'h2: rollback h2']);
  expect(execution.steps.at(4)).toMatchObject({ step: 'rollback_backend', isUndo: true });
  expect(record()).toBeUndefined();
});

test('a start that fails is taken back: its process, stop, clean-up, then the backend', async () => {
  const start = () => ({ kind: 'ended', exitCode: 1 }) as const;
  const { calls, execution, record } = await carriedOut({}, { start });
  expect(calls.slice(3)).toEqual(['h1: start h1', ...wayBack]);
  expect(execution.failure).toMatchObject({
    ...{ step: 'start_model', exitCode: 1 },
    detail: 'what was started has ended with exit code 1\nloading the model\nout of memory',
  });
  expect(execution.isIncomplete).toBe(false);
  expect(record()).toBeUndefined();
});

test('a start command that ends with 0 has put its server into the background', async () => {
  const state = () => ({ kind: 'ended', exitCode: 0 }) as const;
  let probes = 0;
  const { execution, record } = await carriedOut(
    {},
    {
      start: state,
      state,
      answer: (command) => {
        if (!command.startsWith('probe')) return undefined;
        probes += 1;
        return { exitCode: probes < 4 ? 7 : 0 };
      },
    },
  );
  expect(execution.failure).toBeUndefined();
  expect(record()).toMatchObject({ healthy: true });
});

test('a probe that never succeeds ends at its time limit, and leaves no server', async () => {
  const { calls, execution, record, running } = await carriedOut({}, { answer: unhealthyProbe });
  // One before the start; then one each 510 ms for 30 s.
  const probes = calls.filter((call) => call === 'h1: probe h1').length;
  expect(probes).toBe(1 + Math.ceil(30_000 / 510));
  expect(execution.failure && failureText(execution.failure)).toMatch(
    /^Step failed: probe_health on h1 \(timed out\)\nnot healthy within 30 s, in 59 runs; the last one: exit code 22\nrefused\nthe end of its log:\nloading the model\nout of memory\n/,
  );
  expect(calls.slice(-4)).toEqual(wayBack);
  expect([...running]).toEqual([]);
  expect(record()).toBeUndefined();
});

test('a run of a probe takes 10 s at most, and no longer than what is left', async () => {
  const limits: number[] = [];
  const fleet = scriptedFleet({
    answer: (command) => (command.startsWith('probe') ? { isTimedOut: true } : undefined),
  });
  const { access } = fleet.context;
  const run: typeof access.run = (host, command, how) => {
    if (command.command.startsWith('probe')) limits.push(how.timeoutMs);
    return access.run(host, command, how);
  };
  await execute(planOf({}), { ...fleet.context, access: { ...access, run } });
  expect(limits.slice(0, 3)).toEqual([10_000, 10_000, 10_000]);
  expect(limits.at(-1)).toBeLessThan(10_000);
});

/** A probe whose runs take 600 ms, but for the last ones, which do not end: those before fail. */
async function probedUntil(isLast: (timeoutMs: number) => boolean) {
  const { context } = scriptedFleet();
  const { access, wait, until } = context;
  const run: typeof access.run = async (host, command, how) => {
    if (!command.command.startsWith('probe')) return access.run(host, command, how);
    const isCut = isLast(how.timeoutMs);
    await wait(isCut ? how.timeoutMs : 600, until);
    const result = { exitCode: 22, stdout: '', stderr: '', isTimedOut: false, isAborted: false };
    return isCut ? { ...result, ...unreachable, isTimedOut: true } : result;
  };
  return execute(planOf({}), { ...context, access: { ...access, run } });
}

test('why a probe failed is what its last whole run says, not that time was over in the next one', async () => {
  const { failure } = await probedUntil((timeoutMs) => timeoutMs < 600);
  expect(failure?.detail).toMatch(
    /^not healthy within 30 s, in 27 runs; the last one: exit code 22\n/,
  );
});

test('a probe that had its time and did not end is why it failed, though earlier runs did', async () => {
  const { failure } = await probedUntil((timeoutMs) => timeoutMs < 9000);
  expect(failure?.detail).toMatch(
    /^not healthy within 30 s, in 21 runs; the last one: ssh: connect to host/,
  );
});

test('a runtime that ends while it is probed is a failure at once, with the end of its log', async () => {
  const { calls, execution } = await carriedOut(
    {},
    {
      answer: unhealthyProbe,
      state: (isProbed) => (isProbed ? { kind: 'ended', exitCode: 3 } : { kind: 'running' }),
    },
  );
  expect(calls.filter((call) => call === 'h1: probe h1')).toHaveLength(2);
  expect(execution.failure).toMatchObject({
    ...{ step: 'probe_health', isTimedOut: false },
    detail: 'what was started has ended with exit code 3\nloading the model\nout of memory',
  });
});

test('what answers before the start is not taken for the model, and is not stopped', async () => {
  const { calls, execution, record } = await carriedOut(
    {},
    { answer: (command) => (command.startsWith('probe') ? {} : undefined) },
  );
  expect(calls).toEqual(['h1: apply h1', 'h1: verify h1', 'h1: probe h1', 'h1: rollback h1']);
  expect(execution.failure?.detail).toContain('already answering');
  expect(record()).toBeUndefined();
});

test('what was stopped a moment ago may answer a little longer', async () => {
  let probes = 0;
  const answer = (command: string) => {
    if (!command.startsWith('probe')) return undefined;
    probes += 1;
    return { exitCode: probes === 4 ? 7 : 0 };
  };
  const { execution } = await carriedOut({ from: ['h1'] }, { active: recordOf('h1'), answer });
  expect(execution.failure).toBeUndefined();
  expect(probes).toBe(5);
});

test('a runtime that cannot be ended stays on record, and the way back is incomplete', async () => {
  const { calls, execution, record } = await carriedOut(
    {},
    { answer: unhealthyProbe, end: () => 'the host does not answer' },
  );
  // The rest of the way back is gone all the same.
  expect(calls.slice(-4)).toEqual(wayBack);
  expect(execution.isIncomplete).toBe(true);
  expect(record()).toMatchObject({
    ...{ model_id: 'new', healthy: false, processes: [processOn('h1')] },
  });
});

test.for([
  ['is not answered', { kind: 'unknown', why: 'no answer in time' }],
  ['tells of no process', { kind: 'gone' }],
] as const)(
  'a start that %s may have started something: it stays on record, and the way back is incomplete',
  async ([, state]) => {
    const fleet = scriptedFleet();
    const { access } = fleet.context;
    const start = async () => ({
      ...{ process: undefined, hasBegun: true, state, log: [] },
      ...{ isTimedOut: false, isAborted: false },
    });
    const execution = await execute(planOf({}), {
      ...fleet.context,
      access: { ...access, start },
    });
    expect(execution).toMatchObject({ isIncomplete: true, failure: { step: 'start_model' } });
    expect(execution.steps).toContainEqual(
      expect.objectContaining({
        ...{ step: 'stop_process', isUndo: true, status: 'error' },
        detail: 'the start was begun, and h1 has not said what runs',
      }),
    );
    // `stop_cmd` is tried all the same.
    expect(fleet.calls.slice(-3)).toEqual(['h1: stop h1', 'h1: cleanup h1', 'h1: rollback h1']);
    expect(fleet.record()).toMatchObject({ model_id: 'new', healthy: false, processes: [] });
  },
);

test('a rollback that fails makes the way back incomplete, though nothing runs any more', async () => {
  const answer = (command: string) =>
    command.startsWith('verify') || command.startsWith('rollback') ? { exitCode: 9 } : undefined;
  const { execution, record } = await carriedOut({}, { answer });
  expect(execution).toMatchObject({ isIncomplete: true, failure: { step: 'verify_backend' } });
  expect(record()).toBeUndefined();
});

test('a host that is not reached is told in the words of ssh', async () => {
  const answer = (command: string) => (command.startsWith('apply') ? unreachable : undefined);
  const { calls, execution } = await carriedOut({}, { answer });
  expect(calls).toEqual(['h1: apply h1', 'h1: rollback h1']);
  expect(execution.failure && failureText(execution.failure)).toBe(
    'Step failed: apply_backend on h1\nssh: connect to host 10.0.0.10 port 22: Connection refused',
  );
});

test.for([
  { connection: 'Timeout, server 10.0.0.10 not responding' },
  { isAborted: true },
] satisfies Partial<ShellResult>[])(
  'a command whose host goes while it runs may still run there: %o',
  async (end) => {
    const lost = { exitCode: 255, isLost: true, ...end };
    const answer = (command: string) => (command.startsWith('apply') ? lost : undefined);
    const { execution, record } = await carriedOut({}, { answer });
    expect(execution.failure?.detail).toMatch(/\nthe command may still run there, until /);
    expect(execution).toMatchObject({ isIncomplete: true, failure: { isLost: true } });
    expect(record()).toBeUndefined();
  },
);

test('what runs is not stopped for a host that cannot be reached', async () => {
  const active = recordOf('h1');
  const fleet = scriptedFleet({
    active,
    answer: (_, hostId) => (hostId === 'h2' ? unreachable : undefined),
  });
  const plan = planOf({ target: 'h2', from: ['h1'] });
  const hosts = plan.hosts.map((host): RuntimeHost => ({ ...host, transport: 'ssh' }));
  const execution = await execute({ ...plan, hosts }, fleet.context);
  expect(fleet.calls).toEqual(['h1: :', 'h2: :']);
  expect(execution.failure && failureText(execution.failure)).toBe(
    'Step failed: apply_backend on h2\nssh: connect to host 10.0.0.10 port 22: Connection refused',
  );
  expect(execution).toMatchObject({ isIncomplete: false, record: active });
  expect(fleet.record()).toBe(active);
});

test('a host that cannot be reached while a model loads is asked again', async () => {
  let probes = 0;
  const answer = (command: string) => {
    if (!command.startsWith('probe')) return undefined;
    probes += 1;
    return probes === 2 ? unreachable : { exitCode: probes === 1 ? 7 : 0 };
  };
  const { execution } = await carriedOut({}, { answer });
  expect(execution.failure).toBeUndefined();
  expect(probes).toBe(3);
});

test('a time limit is said in the first line', async () => {
  const answer = (command: string) =>
    command.startsWith('verify') ? { exitCode: 143, isTimedOut: true } : undefined;
  const { execution } = await carriedOut({}, { answer });
  expect(execution.failure && failureText(execution.failure)).toBe(
    'Step failed: verify_backend on h1 (timed out)\ndid not end within 30 s',
  );
  expect(execution.failure?.exitCode).toBeUndefined();
});

const everyCall = Array.from({ length: 8 }, (_, at) => at);

test.for(everyCall)(
  'a signal before call %i of a switch fails that step, and what was begun is taken back',
  async (at) => {
    const active = recordOf('h1');
    const { execution, record, running, calls } = await carriedOut(
      { target: 'h2', from: ['h1'] },
      { active, signalAt: at },
    );
    expect(execution.signal).toBe('SIGINT');
    expect(execution.failure).toBeDefined();
    expect(running.has('h2')).toBe(false);
    // Only the stop was cut off: nobody knows how far it has come.
    expect(record()).toEqual(at === 0 ? { ...active, healthy: false } : undefined);
    expect(running.has('h1')).toBe(at === 0);
    expect(calls.includes('h2: rollback h2')).toBe(calls.includes('h2: apply h2'));
  },
);

test.for(everyCall)('killed at call %i of a switch, the record names what may run', async (at) => {
  const active = recordOf('h1');
  const fleet = scriptedFleet({ active, deathAt: at });
  await execute(planOf({ target: 'h2', from: ['h1'] }), fleet.context);
  const known = new Set(fleet.record()?.host_ids);
  for (const id of fleet.running) expect(known).toContain(id);
  expect(fleet.record()?.healthy).toBe(false);
});

test('what runs as it is to run is probed and left alone', async () => {
  const active = recordOf('h1');
  const { calls, execution, record } = await carriedOut({ isReuse: true }, { active });
  expect(calls).toEqual(['h1: probe h1']);
  expect(execution).toMatchObject({ isReused: true, failure: undefined });
  expect(record()).toBe(active);
});

test('where the probe of what runs fails, it is stopped and started by the record of before', async () => {
  const active = recordOf('h1');
  const told: string[] = [];
  const fleet = scriptedFleet({
    active,
    state: (isProbed) => ({ kind: isProbed ? 'gone' : 'running' }),
    answer: (command) =>
      command.startsWith('probe') && fleet.calls.length === 1 ? { exitCode: 7 } : undefined,
  });
  const selection = await selectRuntime(
    {
      planFor: (from, isForced) => ({
        ok: true,
        plan: planOf({ isReuse: !isForced, from: isForced ? (from?.host_ids ?? []) : [] }),
      }),
      isForced: false,
      onPlan: ({ isReuse }) => void told.push(isReuse ? 'reuse' : 'restart'),
      onReuseFailed: () => void told.push('failed'),
    },
    fleet.context,
  );
  expect(told).toEqual(['reuse', 'failed', 'restart']);
  expect(fleet.calls.slice(0, 2)).toEqual(['h1: probe h1', 'h1: stop h1']);
  expect(selection).toMatchObject({ ok: true, execution: { failure: undefined } });
  expect(fleet.record()).toMatchObject({ model_id: 'new', healthy: true });
});

test.for([{ kind: 'gone' }, { kind: 'ended', exitCode: 137 }] as const)(
  'where the process of before is %j, what answers is not taken for it',
  async (ended) => {
    const { calls, execution, record } = await carriedOut(
      { isReuse: true },
      { active: recordOf('h1'), state: () => ended, answer: () => ({}) },
    );
    expect(calls).toEqual([]);
    expect(execution).toMatchObject({
      ...{ isReused: false, failure: { step: 'probe_health' } },
    });
    expect(execution.failure?.detail).toContain('what was started has ended');
    expect(record()).toEqual(recordOf('h1'));
  },
);

test('what has ended since with 0 is probed three times, not until the time for a load is over', async () => {
  const script = { active: recordOf('h1'), answer: unhealthyProbe };
  const ended = { state: () => ({ kind: 'ended' as const, exitCode: 0 }) };
  const { calls, execution } = await carriedOut({ isReuse: true }, { ...script, ...ended });
  expect(calls).toEqual(['h1: probe h1', 'h1: probe h1', 'h1: probe h1']);
  expect(execution.failure?.detail).toContain('what was started has ended with exit code 0');
  const { calls: more } = await carriedOut({ isReuse: true }, script);
  expect(more.length).toBeGreaterThan(3);
});

test('where the backend of what runs is not verified, nothing is stopped, started or written', async () => {
  const active = recordOf('h1');
  const plans: boolean[] = [];
  const fleet = scriptedFleet({ active, ...failing('verify h1') });
  const selection = await selectRuntime(
    {
      planFor: () => ({ ok: true, plan: planOf({ isReuse: true, isVerified: true }) }),
      isForced: false,
      onPlan: ({ isReuse }) => void plans.push(isReuse),
      onReuseFailed: () => expect.unreachable('it is not started again'),
    },
    fleet.context,
  );
  expect(plans).toEqual([true]);
  expect(fleet.calls).toEqual(['h1: verify h1']);
  expect(selection).toMatchObject({
    execution: { isIncomplete: false, isReused: false, failure: { step: 'verify_backend' } },
  });
  expect(fleet.record()).toBe(active);
});

test('a signal while a backend of what runs is verified changes nothing', async () => {
  const active = recordOf('h1');
  const reuse = { isReuse: true, isVerified: true };
  const { calls, execution, record } = await carriedOut(reuse, { active, signalAt: 0 });
  expect(calls).toEqual(['h1: verify h1']);
  expect(execution).toMatchObject({ signal: 'SIGINT', isIncomplete: false });
  expect(record()).toBe(active);
});

test('a signal while what runs is probed changes nothing', async () => {
  const active = recordOf('h1');
  const { calls, execution, record } = await carriedOut({ isReuse: true }, { active, signalAt: 0 });
  expect(calls).toEqual(['h1: probe h1']);
  expect(execution.signal).toBe('SIGINT');
  expect(record()).toBe(active);
});

test('a signal after the last step changes nothing', async () => {
  const fleet = scriptedFleet();
  const execution = await execute(planOf({}), {
    ...fleet.context,
    tell: (event) => {
      if (event.kind !== 'end' || event.outcome.step !== 'probe_health') return;
      fleet.signal.abort('SIGINT');
    },
  });
  expect(execution).toMatchObject({ failure: undefined, signal: undefined });
  expect(fleet.record()).toMatchObject({ healthy: true });
});

test('a record that cannot be written before the start keeps the model from being started', async () => {
  const fleet = scriptedFleet();
  const write = () => {
    throw new Error('ENOSPC: no space left on device');
  };
  const state = { ...fleet.context.state, write };
  const execution = await execute(planOf({}), { ...fleet.context, state });
  expect(execution.failure?.detail).toContain('no space left');
  expect(fleet.calls).not.toContain('h1: start h1');
  expect(fleet.calls.at(-1)).toBe('h1: rollback h1');
});

test('a start that began nothing is a failure with nothing left, whatever its stop command says', async () => {
  const { calls, execution, record } = await carriedOut(
    {},
    {
      cannotStart: 'mkdir: no space left on device',
      answer: (command) => (command.startsWith('stop') ? { exitCode: 1 } : undefined),
    },
  );
  // What was done before is taken back, and nothing is ended or stopped that was never there.
  expect(calls.slice(-2)).toEqual(['h1: start h1', 'h1: rollback h1']);
  expect(execution).toMatchObject({
    failure: { step: 'start_model', detail: 'mkdir: no space left on device' },
    ...{ isIncomplete: false, record: undefined },
  });
  expect(record()).toBeUndefined();
});

test('a start of which no record can be made any more began nothing, and is taken back as such', async () => {
  const fleet = scriptedFleet();
  const { access, state } = fleet.context;
  const start: HostAccess['start'] = async (host, command, how) => {
    await how.onIdentity?.(processOn(host.id));
    return access.start(host, command, how);
  };
  const write = (record: ActiveRecord) => {
    if (record.processes.length > 0) throw new Error('ENOSPC: no space left on device');
    state.write(record);
  };
  const context = { ...fleet.context, access: { ...access, start }, state: { ...state, write } };
  const execution = await execute(planOf({}), context);
  expect(execution).toMatchObject({
    failure: { step: 'start_model', detail: 'ENOSPC: no space left on device' },
    ...{ isIncomplete: false, record: undefined },
  });
  expect(fleet.calls).not.toContain('h1: start h1');
  expect(fleet.calls.at(-1)).toBe('h1: rollback h1');
  expect(fleet.record()).toBeUndefined();
});
