import { expect, test } from 'vitest';
import { FakeHost } from './script.ts';

const SOCKET = '/run/vllmd/1/api.sock';
const ping = `ch-remote --api-socket ${SOCKET} ping`;

test('asks until the VM monitor answers, and says nothing of the answers before', async () => {
  using host = new FakeHost();
  host.program('ch-remote', `echo refused >&2\n[ "$(grep -c ping ROOT/calls)" -ge 3 ] || exit 1`);
  expect(await host.run('wait-for-api', [SOCKET])).toEqual({ code: 0, stdout: '', stderr: '' });
  expect(host.calls()).toEqual([ping, ping, ping]);
});

test('without a socket to ask at it fails at once', async () => {
  using host = new FakeHost();
  host.program('ch-remote');
  expect((await host.run('wait-for-api', [])).code).not.toBe(0);
  expect(host.calls()).toEqual([]);
});
