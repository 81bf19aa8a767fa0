import { expect, test } from 'vitest';
import { fleet, nameAt, serverCommand } from '../support/fleet.ts';
import { freePort } from '../support/llama-run.ts';

/** A server that nothing of vllmd is left on: as a container that a start command only asks for. */
function elsewhere(port: number, notes: string) {
  const command = serverCommand(notes).replace('{port}', String(port));
  return `env -u VLLMD_RUNTIME setsid -f ${command} > /dev/null 2>&1 < /dev/null`;
}

test('a model that outlives its stop command on a port of its own is not taken as stopped', async () => {
  const it = await fleet();
  const notes = `${it.folder}/started`;
  const port = await freePort();
  const models = {
    one: {
      start_cmd: elsewhere(port, notes),
      probe_cmd: `curl -sf http://127.0.0.1:${port}/health`,
    },
    two: {},
  };
  it.write({ models, hosts: { here: { model_control: { stop_cmd: 'true' } } } });
  expect(await it.select('--model', 'one')).toMatchObject({ code: 0 });

  const { code, err } = await it.select('--model', 'two');
  expect(code).toBe(8);
  expect(err).toContain(
    'Step failed: stop_model on here\nstill answering: stop_cmd succeeded, and so does the probe of one\n',
  );
  expect(err).toContain('one may still run on here');
  expect(it.running()).toEqual(['one']);
  expect(it.record()).toMatchObject({ model_id: 'one', healthy: false });

  // Whoever knows better has the last word.
  const forced = await it.select('--model', 'two', '--force');
  expect(forced).toMatchObject({ code: 0 });
  expect(it.running().toSorted()).toEqual(['one', 'two']);
  expect(await nameAt(port)).toBe('one');
  expect(it.record()).toMatchObject({ model_id: 'two', healthy: true });
});

test('what a start command had others start is not claimed to have ended', async () => {
  const it = await fleet();
  const start_cmd = elsewhere(it.port, `${it.folder}/started`);
  it.write({
    models: { one: { start_cmd, probe_cmd: 'false', probe_timeout_sec: 1 } },
    hosts: { here: { model_control: { stop_cmd: 'true' } } },
  });
  const { code, err } = await it.select('--model', 'one');
  expect(code).toBe(4);
  expect(err).toContain(
    'help: nothing that vllmd started is left running; what its start command had others start, as a container, stop_cmd alone can end\n',
  );
  expect(it.running()).toEqual(['one']);
});
