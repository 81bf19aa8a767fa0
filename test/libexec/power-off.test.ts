import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { FakeHost } from './script.ts';

const SOCKET = '/run/vllmd/1/api.sock';
const press = `ch-remote --api-socket ${SOCKET} power-button`;

test('asks nobody where the VM has ended already', async () => {
  using host = new FakeHost();
  host.program('ch-remote');
  for (const pid of ['', '999999999']) {
    expect(await host.run('power-off', [pid, SOCKET])).toEqual({ code: 0, stdout: '', stderr: '' });
  }
  expect(host.calls()).toEqual([]);
});

test('asks again until the VM has ended, whatever the answer is', async () => {
  using host = new FakeHost();
  const vm = spawn('sleep', ['1000'], { stdio: 'ignore' });
  // The third time the guest has booted and hears it; until then the answer is an error.
  const third = `[ "$(grep -c power-button ROOT/calls)" -lt 3 ] || { kill ${vm.pid}; exit 0; }`;
  host.program('ch-remote', `${third}\nexit 1`);
  host.replace('timeout 10', 'timeout 0.1');
  const { code } = await host.run('power-off', [String(vm.pid), SOCKET]);
  expect(code).toBe(0);
  expect(host.calls().slice(0, 3)).toEqual([press, press, press]);
});
