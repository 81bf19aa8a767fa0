import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'vitest';
import { nameAt, serverCommand, until } from '../support/fleet.ts';
import { tinyModel } from '../support/gguf.ts';
import { realLlamaServer } from '../support/llama-server.ts';
import { cabledFleet } from '../support/ssh-fleet.ts';
import { namespaceObstacle, scratch } from '../support/ssh-host.ts';

const hasNoHosts = namespaceObstacle() !== undefined;
const directory = hasNoHosts ? '' : scratch();
const real = realLlamaServer();
// Much of each is waiting for a host.
const together = { concurrent: true, timeout: 300_000 };

describe.skipIf(hasNoHosts)('on two hosts behind an sshd each', together, () => {
  test('models take turns across the hosts, and the one that goes leaves no process on its own', async ({
    expect,
    onTestFinished,
  }) => {
    const it = await cabledFleet(directory, onTestFinished);
    const { h1, h2 } = it;
    // What it leaves beside its server is found by no pattern of stop_cmd.
    const model = { start_cmd: `sleep 3000 & exec ${serverCommand(it.notes)}` };
    it.write({ models: { one: model, two: model } });
    for (const [name, id, at, other] of [
      ['one', 'h1', h1, h2],
      ['two', 'h2', h2, h1],
      ['one', 'h1', h1, h2],
    ] as const) {
      const { code, err } = await it.select('--model', name, '--host', id);
      expect(code, err).toBe(0);
      expect(await nameAt(it.port, at.address)).toBe(name);
      expect(at.processes()).toContain('sleep 3000');
      await expect.poll(other.processes).toEqual([]);
      expect(it.record()).toMatchObject({ model_id: name, host_ids: [id], healthy: true });
    }
    expect(it.said()).toEqual([
      `apply one at ${h1.address}`,
      ...[`stop one at ${h1.address}`, `cleanup one at ${h1.address}`],
      `apply two at ${h2.address}`,
      ...[`stop two at ${h2.address}`, `cleanup two at ${h2.address}`],
      `apply one at ${h1.address}`,
    ]);
  });

  test('a backend that is not verified is rolled back on its own host, and what was stopped on the other one stays so', async ({
    expect,
    onTestFinished,
  }) => {
    const it = await cabledFleet(directory, onTestFinished);
    const { h1, h2 } = it;
    const verify_cmd = `${it.noting('verify')}; [ "$3" = ${h1.address} ] || { echo no driver >&2; exit 5; }`;
    it.write({ models: { one: {}, two: {} }, backend: { verify_cmd } });
    expect(await it.select('--model', 'one', '--host', 'h1')).toMatchObject({ code: 0 });
    const { code, err, out } = await it.select('--model', 'two', '--host', 'h2', '--json');
    expect(code).toBe(4);
    expect(it.said().slice(2)).toEqual([
      ...[`stop one at ${h1.address}`, `cleanup one at ${h1.address}`],
      ...[`apply two at ${h2.address}`, `verify two at ${h2.address}`],
      `rollback two at ${h2.address}`,
    ]);
    expect(err).toContain('  Verify backend cpu on h2... ✗\n');
    expect(err).toContain(
      '  Roll back backend cpu on h2... ✓\nerror: Execution failed: Step failed: verify_backend on h2\nexit code 5\nno driver\n  help: nothing of it is left running\n',
    );
    const { execute, ...told } = JSON.parse(out);
    expect(told).toMatchObject({ ok: false, undo_complete: true, active: null });
    expect(execute.steps.filter(({ undo }: { undo?: true }) => undo)).toMatchObject([
      { step: 'rollback_backend', host_id: 'h2', status: 'ok', exit_code: 0 },
    ]);
    await expect.poll(() => [...h1.processes(), ...h2.processes()]).toEqual([]);
    const status = await it.call('select', 'status');
    expect(status).toMatchObject({ code: 0, out: 'No active runtime.\n' });
  });

  test('a model that is never healthy is ended on its host, and taken back there in the reverse order', async ({
    expect,
    onTestFinished,
  }) => {
    const it = await cabledFleet(directory, onTestFinished);
    const { address, processes } = it.h2;
    const probe = { probe_cmd: 'echo loading >&2; exit 22', probe_interval_ms: 3000 };
    const start_cmd = `sleep 3000 & exec ${serverCommand(it.notes)}`;
    it.write({ models: { never: { start_cmd, ...probe, probe_timeout_sec: 15 } } });
    const { code, err, out } = await it.select('--model', 'never', '--host', 'h2', '--json');
    expect(code).toBe(4);
    expect(it.started()).toHaveLength(1);
    await expect.poll(processes).toEqual([]);
    expect(it.said()).toEqual([
      `apply never at ${address}`,
      ...[`stop never at ${address}`, `cleanup never at ${address}`],
      `rollback never at ${address}`,
    ]);
    expect(err).toMatch(
      /Step failed: probe_health on h2 \(timed out\)\nnot healthy within 15 s, in \w+ runs?; the last one: exit code 22\nloading\nthe end of its log:\nnever is loading\n/,
    );
    const { execute, ...told } = JSON.parse(out);
    expect(told).toMatchObject({ ok: false, undo_complete: true, active: null });
    const undone = execute.steps.filter(({ undo }: { undo?: true }) => undo);
    expect(undone).toMatchObject(
      ['stop_process', 'stop_model', 'cleanup_model', 'rollback_backend'].map((step) => ({
        ...{ step, host_id: 'h2', status: 'ok' },
      })),
    );
    expect(it.hasRecord()).toBe(false);
  });

  test.for(['apply', 'probe'] as const)(
    'Ctrl-C while the command of %s runs ends it there, rolls back there and frees the lock',
    async (step, { expect, onTestFinished }) => {
      const it = await cabledFleet(directory, onTestFinished);
      const { address, processes } = it.h2;
      const [up, reached] = [join(it.folder, 'up'), join(it.folder, 'reached')];
      const hang = (name: string) => (name === step ? `touch ${reached}; sleep 3000` : 'true');
      const start_cmd = `touch ${up}; exec ${serverCommand(it.notes)}`;
      it.write({
        models: { one: { start_cmd, probe_cmd: `[ -e ${up} ] && { ${hang('probe')}; }` } },
        backend: { apply_cmd: `${it.noting('apply')}; ${hang('apply')}` },
      });
      const { child, ended } = it.begin('select', '--model', 'one', '--host', 'h2');
      await until(() => existsSync(reached));
      await expect.poll(processes).toContain('sleep 3000');
      child.kill('SIGINT');
      const { code, err } = await ended;
      expect(code, err).toBe(130);
      expect(err).toContain('interrupted by SIGINT\n  help: nothing of it is left running\n');
      await expect.poll(processes).toEqual([]);
      const isStarted = step === 'probe';
      expect(it.said()).toEqual([
        `apply one at ${address}`,
        ...(isStarted ? [`stop one at ${address}`, `cleanup one at ${address}`] : []),
        `rollback one at ${address}`,
      ]);
      expect(it.hasRecord()).toBe(false);
      execFileSync('flock', ['--nonblock', join(it.state, 'runtime.lock'), 'true']);
    },
  );

  test.skipIf(real.isMissing)(
    'llama-server answers on one host, and after a switch the next one does on the other',
    async ({ expect, onTestFinished }) => {
      const it = await cabledFleet(directory, onTestFinished);
      const { h1, h2 } = it;
      const start_cmd = `${real.path} --model {source} --host {host} --port {port} {backend_args}`;
      const model = (name: string) => {
        const source = join(it.folder, `${name}.gguf`);
        writeFileSync(source, tinyModel());
        return { source, start_cmd, probe_timeout_sec: 60 };
      };
      it.write({
        models: { one: model('one'), two: model('two') },
        backend: { args: ['--threads', '1', '--no-ui'] },
      });
      for (const [name, id, at, other] of [
        ['one', 'h1', h1, h2],
        ['two', 'h2', h2, h1],
      ] as const) {
        const { code, err, out } = await it.select('--model', name, '--host', id);
        expect(code, err).toBe(0);
        const [, endpoint] = /^Endpoint: (.*)$/m.exec(out) ?? [];
        expect(endpoint).toBe(`http://${at.address}:${it.port}/v1`);
        const models = await (await fetch(`${endpoint}/models`)).text();
        expect(models).toContain(`${name}.gguf`);
        await expect.poll(other.processes).toEqual([]);
      }
      const status = await it.call('select', 'status', '--check');
      expect(status).toMatchObject({ code: 0, out: expect.stringMatching(/Check: +healthy\n/) });
    },
  );
});
