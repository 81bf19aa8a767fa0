import { expect, test } from 'vitest';
import {
  healthCommand,
  hostsOfBackend,
  probeCommands,
  verifyCommand,
} from '../../../../src/core/fleet/doctor/checks.ts';
import type {
  RuntimeBackend,
  RuntimeHost,
  RuntimeModel,
  RuntimesFile,
} from '../../../../src/core/fleet/runtimes-file.ts';

function host(id: string, more: Partial<RuntimeHost> = {}): RuntimeHost {
  return {
    ...{ id, display_name: id, enabled: true, transport: 'ssh', connection: { host: `${id}.lan` } },
    capabilities: { gpu: [], backends: ['cuda', 'cpu'] },
    health: { check_cmd: 'ping {host} {host_id}' },
    model_control: { stop_cmd: 'true' },
    ...more,
  };
}

function backend(id: string, more: Partial<RuntimeBackend> = {}): RuntimeBackend {
  const one = { id, display_name: id, enabled: true, type: 'cuda', host_filters: 'any' } as const;
  return { ...one, verify_cmd: 'check {backend_id} {backend_args}', ...more };
}

function model(more: Partial<RuntimeModel> = {}): RuntimeModel {
  return {
    ...{ id: 'm', display_name: 'M', enabled: true, source: '/m', host_policy: 'any' },
    backend_policy: 'any',
    launch: { start_cmd: 'true', probe_cmd: 'probe {port} {backend_id}' },
    ...more,
  };
}

function file(more: Partial<RuntimesFile> = {}): RuntimesFile {
  return {
    hosts: [host('a'), host('b')],
    backends: [backend('cuda', { env: { A: 'b c' }, args: ['-x', 'y z'] }), backend('cpu')],
    models: [model()],
    ...more,
  };
}

test('the check of a host has its address and its own time limit', () => {
  expect(healthCommand(host('a'))).toMatchObject({
    ...{ command: "ping 'a.lan' 'a'", timeoutSec: 5, env: {} },
  });
  const slow = { health: { check_cmd: 'true', timeout_sec: 60 } };
  expect(healthCommand(host('a', slow)).timeoutSec).toBe(60);
});

test('a backend is verified with its variables, and with those of a model that may run with it', () => {
  const all = file();
  const [a = host('a')] = all.hosts;
  const [cuda = backend('cuda')] = all.backends;
  expect(verifyCommand(all, a, cuda)).toMatchObject({
    ...{ command: "check 'cuda' '-x' 'y z'", env: { A: 'b c' }, hostId: 'a' },
  });
  const needy = { ...cuda, verify_cmd: 'test -e {source} && echo {backend_env}' };
  expect(verifyCommand(all, a, needy)).toMatchObject({
    command: "test -e '/m' && echo A='b c'",
  });
  const none = file({ models: [] });
  expect(verifyCommand(none, a, needy)).toEqual({
    why: 'verify_cmd has {source}, and no model runs with it on a',
  });
  const open = { ...cuda, verify_cmd: 'echo {backend_env} {host}' };
  expect(verifyCommand(none, a, open)).toMatchObject({ command: "echo A='b c' 'a.lan'" });
  expect(verifyCommand(none, a, backend('cpu'))).toMatchObject({ command: "check 'cpu' " });
  const { verify_cmd: _, ...silent } = cuda;
  expect(verifyCommand(all, a, silent)).toBeUndefined();
});

test('a backend is for hosts that are enabled, that it lets in, and that can run it', () => {
  const all = file({
    hosts: [
      host('a', { enabled: false }),
      host('b', { capabilities: { gpu: [], backends: [] } }),
      host('c'),
      host('d'),
    ],
  });
  const ids = (one: RuntimeBackend) => hostsOfBackend(all, one).map(({ id }) => id);
  expect(ids(backend('cuda'))).toEqual(['c', 'd']);
  expect(ids(backend('cuda', { host_filters: ['d', 'a'] }))).toEqual(['d']);
});

test('a model is probed on each host that can run it, with the backend that it would have there', () => {
  const commands = (all: RuntimesFile, one: RuntimeModel) =>
    probeCommands(all, one).map(({ hostId, command, env }) => [hostId, command, env]);
  expect(commands(file(), model())).toEqual([
    ['a', "probe '8080' 'cuda'", { A: 'b c' }],
    ['b', "probe '8080' 'cuda'", { A: 'b c' }],
  ]);
  const picky = { host_policy: ['b', 'a'], backend_policy: ['cpu'] };
  expect(commands(file(), model({ ...picky, runtime_defaults: { port: 9 } }))).toEqual([
    ['b', "probe '9' 'cpu'", {}],
    ['a', "probe '9' 'cpu'", {}],
  ]);
  const bare = file({ backends: [] });
  expect(commands(bare, model()).map(([id, command]) => [id, command])).toEqual([
    ['a', "probe '8080' ''"],
    ['b', "probe '8080' ''"],
  ]);
  expect(commands(bare, model({ backend_policy: ['cpu'] }))).toEqual([]);
});
