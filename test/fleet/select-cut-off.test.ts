import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fleet, serverCommand, until } from '../support/fleet.ts';

/** `silence`: the probe of what was stopped. */
const steps = ['stop', 'silence', 'verify', 'start', 'probe'] as const;

/** One model runs; in the switch to the other one the command of a step does not end. */
async function hangingAt(step: (typeof steps)[number]) {
  const it = await fleet();
  const hang = join(it.folder, 'hang');
  const reached = join(it.folder, 'reached');
  const may = (name: string) =>
    `if [ -e ${hang} ] && [ "$(cat ${hang})" = ${name} ]; then touch ${reached}; sleep 60; fi`;
  const probe = (name: string) => `${may(name)}; curl -sf http://127.0.0.1:{port}/health`;
  // It hangs with its server up: whatever has begun is to be found.
  const start_cmd = `${serverCommand('$NOTES')} & ${may('start')}; wait`;
  it.write({
    models: {
      one: { start_cmd, probe_cmd: probe('silence') },
      two: { start_cmd, probe_cmd: probe('probe') },
    },
    backend: { verify_cmd: `${may('verify')}; true`, verify_always: true },
    hosts: {
      here: {
        model_control: { stop_cmd: `${may('stop')}; pkill -f ${it.folder}/started || true` },
      },
    },
  });
  expect(await it.select('--model', 'one')).toMatchObject({ code: 0 });
  writeFileSync(hang, step);
  const switching = it.begin('select', '--model', 'two');
  await until(() => existsSync(reached));
  rmSync(hang);
  return { ...it, ...switching };
}

test.for(steps)(
  'killed while the command of %s runs, what runs is on record, and the next select gets there',
  async (step) => {
    const { child, ended, running, record, select } = await hangingAt(step);
    child.kill('SIGKILL');
    await ended;
    const known = record();
    for (const name of running()) expect(name).toBe(known.model_id);
    expect(known.healthy).toBe(false);
    const { code, err } = await select('--model', 'two');
    expect(code, err).toBe(0);
    expect(running()).toEqual(['two']);
    expect(record()).toMatchObject({ model_id: 'two', healthy: true });
  },
);

test.for(steps)(
  'ended by SIGTERM while the command of %s runs, nothing is left that is not on record',
  async (step) => {
    const { child, ended, running, record, hasRecord } = await hangingAt(step);
    child.kill('SIGTERM');
    const { code, err } = await ended;
    // Of a stop that was cut off nobody knows what it has done.
    const isStop = step === 'stop' || step === 'silence';
    expect(code, err).toBe(isStop ? 8 : 143);
    expect(running()).toEqual(step === 'stop' ? ['one'] : []);
    expect(hasRecord()).toBe(isStop);
    if (isStop) expect(record()).toMatchObject({ model_id: 'one', healthy: false });
  },
);

test.for([0, 100, 200, 400, 800])(
  'killed %i ms after it has got the lock, it leaves no server that the next select does not know',
  async (milliseconds) => {
    // No stop command ends it: only what is on record does.
    const it = await fleet({ hosts: { here: { model_control: { stop_cmd: 'true' } } } });
    const { child, ended } = it.begin('select', '--model', 'one');
    await until(() => existsSync(join(it.state, 'runtime.lock')));
    // Any moment will do: each is another place in a start.
    await wait(milliseconds);
    child.kill('SIGKILL');
    await ended;
    const { code, err } = await it.select('--model', 'one', '--restart');
    expect(code, err).toBe(0);
    await wait(300);
    expect(it.running()).toEqual(['one']);
    const [first] = it.record().processes;
    expect(first.host_id).toBe('here');
    expect(await it.call('select', 'status', '--check')).toMatchObject({ code: 0 });
  },
);

test('killed by the first word of its start command, it leaves no server that the next select does not know', async () => {
  const it = await fleet();
  const prey = join(it.folder, 'prey');
  const start_cmd = `[ ! -e ${prey} ] || { kill -KILL "$(cat ${prey})"; rm ${prey}; }; exec ${serverCommand('$NOTES')}`;
  it.write({
    models: { one: { start_cmd } },
    hosts: { here: { model_control: { stop_cmd: 'true' } } },
  });
  const { child, ended } = it.begin('select', '--model', 'one');
  writeFileSync(prey, String(child.pid));
  expect(await ended).toMatchObject({ signal: 'SIGKILL' });
  await until(() => it.running().length === 1);
  const { code, err } = await it.select('--model', 'one', '--restart');
  expect(code, err).toBe(0);
  expect(it.started()).toHaveLength(2);
  expect(it.running()).toEqual(['one']);
});
