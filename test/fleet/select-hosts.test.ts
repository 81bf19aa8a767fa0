import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fleet, linesOf } from '../support/fleet.ts';
import { freePort } from '../support/llama-run.ts';
import { sshEntry, twoSshHosts } from '../support/ssh-fleet.ts';
import { scratch, sshObstacle } from '../support/ssh-host.ts';

const hasNoSsh = sshObstacle() !== undefined;
const directory = hasNoSsh ? '' : scratch();

async function twoHosts() {
  const place = async () => ({ address: '127.0.0.1', port: await freePort() });
  const places = [await place(), await place()] as const;
  const { env, own, h1, h2 } = await twoSshHosts(directory, places);
  const said = join(own, 'said');
  const control = {
    stop_cmd: `echo stop {model_id} in $HOME >> ${said}`,
    cleanup_cmd: `echo cleanup {model_id} in $HOME >> ${said}`,
  };
  const it = await fleet({
    env,
    models: { one: {}, two: {}, never: { probe_cmd: 'false', probe_timeout_sec: 1 } },
    backend: {
      apply_cmd: `echo apply {backend_id} for {model_id} in $HOME >> ${said}`,
      rollback_cmd: `echo rollback {backend_id} in $HOME >> ${said}`,
    },
    hosts: { h1: sshEntry(h1, control), h2: sshEntry(h2, control) },
  });
  return { it, h1, h2, said };
}

test.skipIf(hasNoSsh)(
  'a switch from one host to another stops there and starts here, with one server left',
  async () => {
    const { it, h1, h2, said } = await twoHosts();
    expect(await it.select('--model', 'one', '--host', 'h1')).toMatchObject({ code: 0 });
    expect(it.running()).toEqual(['one']);
    const { code, err } = await it.select('--model', 'two', '--host', 'h2');
    expect(code, err).toBe(0);
    expect(it.running()).toEqual(['two']);
    expect(it.record()).toMatchObject({
      ...{ model_id: 'two', host_ids: ['h2'], healthy: true },
      processes: [{ host_id: 'h2', log: `${h2.home}/.local/state/vllmd/fleet/logs/two-h2.log` }],
    });
    expect(linesOf(said)).toEqual([
      `apply cpu for one in ${h1.home}`,
      ...[`stop one in ${h1.home}`, `cleanup one in ${h1.home}`],
      `apply cpu for two in ${h2.home}`,
    ]);
  },
);

test.skipIf(hasNoSsh)(
  'what a failed start on another host has begun is taken back there',
  async () => {
    const { it, h2, said } = await twoHosts();
    const { code, err } = await it.select('--model', 'never', '--host', 'h2');
    expect(code, err).toBe(4);
    expect(it.started()).toHaveLength(1);
    expect(it.running()).toEqual([]);
    expect(linesOf(said)).toEqual([
      `apply cpu for never in ${h2.home}`,
      ...[`stop never in ${h2.home}`, `cleanup never in ${h2.home}`],
      `rollback cpu in ${h2.home}`,
    ]);
  },
);

test.skipIf(hasNoSsh)(
  'a host that cannot be reached is exit code 4 in the words of ssh, and what runs is left alone',
  async () => {
    const { it, h2 } = await twoHosts();
    await it.select('--model', 'one', '--host', 'h1');
    await h2.stop();
    const { code, err } = await it.select('--model', 'two', '--host', 'h2');
    expect(code).toBe(4);
    expect(err).toMatch(
      /error: Execution failed: Step failed: apply_backend on h2\nssh: connect to host 127\.0\.0\.1 port \d+: Connection refused\n/,
    );
    expect(it.running()).toEqual(['one']);
    expect(it.record()).toMatchObject({ model_id: 'one', healthy: true });
  },
);
