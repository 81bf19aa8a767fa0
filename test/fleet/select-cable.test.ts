import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { type AtTestEnd, serverCommand, until } from '../support/fleet.ts';
import { cabledFleet } from '../support/ssh-fleet.ts';
import { namespaceObstacle, scratch } from '../support/ssh-host.ts';

const hasNoHosts = namespaceObstacle() !== undefined;
const directory = hasNoHosts ? '' : scratch();
// Nearly all of each is waiting for a host that is away.
const together = { concurrent: true, timeout: 300_000 };
// TCP asks again after twice the time each time.
const patiently = { timeout: 120_000 };

/** In the words of ssh, of a connection that was there and of one that is to be made. */
const SILENT = 'ssh: Timeout, server [\\d.]+ not responding';
const UNREACHED = 'ssh: connect to host [\\d.]+ port 22: (?:No route to host|Connection timed out)';

/** A command of the switch to model two says that it is reached, and then does something. */
async function switchThatHangs(atTestEnd: AtTestEnd) {
  const it = await cabledFleet(directory, atTestEnd);
  const path = (name: string) => join(it.folder, name);
  const at = (name: string, command: string) =>
    `[ ! -e ${path(name)} ] || { touch ${path('reached')}; ${command}; }`;
  // Of all that is run there only a start removes a file, right before it starts something: it waits for the cut.
  mkdirSync(path('bin'));
  const wait = `until [ -e ${path('cut')} ]; do sleep 0.1; done`;
  const rm = `#!/bin/sh\n${at('start', wait)}\nexec /bin/rm "$@"\n`;
  writeFileSync(path('bin/rm'), rm, { mode: 0o755 });
  writeFileSync(join(it.h2.home, '.profile'), `PATH=${path('bin')}:$PATH\n`);
  const two = {
    start_cmd: `touch ${path('up')}; exec ${serverCommand(it.notes)}`,
    probe_cmd: `[ -e ${path('up')} ] || exit 1; ${at('probe', 'exit 1')}; curl -sf http://{host}:{port}/health`,
    probe_timeout_sec: 10,
  };
  const apply_cmd = `${it.noting('apply')}; ${at('apply', 'sleep 3000')}`;
  // Behind a start only the record says what to end.
  const before = `${at('stop', 'sleep 3000')}; [ ! -e ${path('cut')} ] || exit 0`;
  it.write({ models: { one: {}, two }, backend: { apply_cmd } }, before);
  /** The switch that comes to this command, and the end of it where the cable is pulled there; then it is put in again. */
  const pulledAt = async (step: 'stop' | 'apply' | 'start' | 'probe', isInterrupted = false) => {
    writeFileSync(path(step), '');
    const { child, ended } = it.begin('select', '--model', 'two', '--host', 'h2', '--json');
    await until(() => existsSync(path('reached')));
    const host = step === 'stop' ? it.h1 : it.h2;
    host.cut();
    writeFileSync(path('cut'), '');
    if (isInterrupted) child.kill('SIGINT');
    const { code, err, out } = await ended;
    const left = host.processes();
    const status = await it.call('select', 'status', '--json');
    for (const name of [step, 'reached', 'up']) rmSync(path(name), { force: true });
    host.plug();
    return { code, err, left, told: JSON.parse(out), status: JSON.parse(status.out) };
  };
  return { ...it, pulledAt };
}

describe.skipIf(hasNoHosts)('a host that goes in the middle of a switch', together, () => {
  test('with the model that is to be stopped ends it, and the next switch stops it there first', async ({
    expect,
    onTestFinished,
  }) => {
    const it = await switchThatHangs(onTestFinished);
    expect(await it.select('--model', 'one', '--host', 'h1')).toMatchObject({ code: 0 });
    const { code, err, told, status } = await it.pulledAt('stop');
    expect(code, err).toBe(8);
    expect(err).toMatch(
      new RegExp(
        `Step failed: stop_model on h1\n${SILENT}\nthe command may still run there, .*\n  help: what ran on h1 may run or not; `,
      ),
    );
    expect(told).toMatchObject({ undo_complete: false, active: { model_id: 'one' } });
    expect(status).toMatchObject({ model_id: 'one', host_ids: ['h1'], healthy: false });
    expect(status).not.toHaveProperty('in_progress');
    expect(it.running()).toEqual(['one']);
    expect(await it.select('--model', 'two', '--host', 'h2')).toMatchObject({ code: 0 });
    expect(it.running()).toEqual(['two']);
    await expect.poll(it.h1.processes, patiently).toEqual([]);
    expect(it.record()).toMatchObject({ model_id: 'two', host_ids: ['h2'], healthy: true });
  });

  test('while its backend is applied ends it, told what could not be taken back', async ({
    expect,
    onTestFinished,
  }) => {
    const it = await switchThatHangs(onTestFinished);
    const { code, err, left, told, status } = await it.pulledAt('apply');
    expect(code, err).toBe(8);
    expect(left).toContain('sleep 3000');
    expect(err).toMatch(
      new RegExp(
        `Roll back backend cpu on h2\\.\\.\\. ✗\n    ${UNREACHED}\nerror: .*: Step failed: apply_backend on h2\n${SILENT}\nthe command may still run there, .*\n  help: this could not be taken back: Roll back backend cpu on h2\n +no model is left running\n`,
      ),
    );
    expect(told).toMatchObject({ undo_complete: false, active: null });
    expect(status).toBeNull();
    expect(await it.select('--model', 'two', '--host', 'h2')).toMatchObject({ code: 0 });
    expect(it.running()).toEqual(['two']);
    await expect.poll(it.h2.processes, patiently).not.toContain('sleep 3000');
  });

  test('is not waited for any longer by whoever presses Ctrl-C, and may run what it was told', async ({
    expect,
    onTestFinished,
  }) => {
    const it = await switchThatHangs(onTestFinished);
    const { code, err, left, status } = await it.pulledAt('apply', true);
    expect(code, err).toBe(8);
    expect(left).toContain('sleep 3000');
    expect(err).toMatch(
      /Step failed: apply_backend on h2\ninterrupted by SIGINT\nthe command may still run there, .*\n {2}help: this could not be taken back: Roll back backend cpu on h2\n +no model is left running\n/,
    );
    expect(status).toBeNull();
    await expect.poll(it.h2.processes, patiently).toEqual([]);
  });

  test.for(['start', 'probe'] as const)(
    'while the model comes up, at its %s, leaves it on record, and it is stopped when the host is back',
    async (step, { expect, onTestFinished }) => {
      const it = await switchThatHangs(onTestFinished);
      const { code, err, told, status } = await it.pulledAt(step);
      expect(code, err).toBe(8);
      for (const undo of ['End what was started', 'Stop model two', 'Roll back backend cpu']) {
        expect(err).toMatch(new RegExp(`  ${undo} on h2\\.\\.\\. ✗\n    ${UNREACHED}\n`));
      }
      // A probe may have had its say before.
      const why = { start: 'start_model on h2.*\nssh: ', probe: 'probe_health on h2 ' }[step];
      expect(err).toMatch(new RegExp(`error: .*: Step failed: ${why}`));
      expect(err).toContain('two may still run on h2: it stays on record in ');
      expect(err).not.toContain('|| true');
      expect(told).toMatchObject({ undo_complete: false, active: { model_id: 'two' } });
      expect(status).toMatchObject({ model_id: 'two', host_ids: ['h2'], healthy: false });
      expect(it.running()).toEqual(['two']);
      const [model, host] = step === 'probe' ? ['one', 'h1'] : ['two', 'h2'];
      const again = await it.select('--model', model, '--host', host);
      expect(again.code, again.err).toBe(0);
      expect(again.err).toContain('Stop active model on h2... ✓');
      expect(it.running()).toEqual([model]);
      expect(it.started()).toHaveLength(2);
      if (host === 'h1') await expect.poll(it.h2.processes, patiently).toEqual([]);
    },
  );
});
