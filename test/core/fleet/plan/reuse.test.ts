import { expect, test } from 'vitest';
import type { RuntimesFile } from '../../../../src/core/fleet/runtimes-file.ts';
import { backend, changed, host, kindsOf, model, planned, recordOf } from './samples.ts';

const file: RuntimesFile = {
  hosts: [
    host({
      id: 'h1',
      transport: 'ssh',
      connection: { host: 'h1.lan', user: 'op', key_path: '~/.ssh/a', password: 'p' },
      capabilities: { gpu: [], backends: ['b1', 'b2'] },
    }),
    host({ id: 'h2', capabilities: { gpu: [], backends: ['b1', 'b2'] } }),
  ],
  backends: [
    backend({
      id: 'b1',
      apply_cmd: 'apply {backend_id}',
      verify_cmd: 'verify',
      rollback_cmd: 'rollback',
      env: { DEVICE: '0', API_KEY: 'secret-one' },
      args: ['-ngl', '99'],
    }),
    backend({ id: 'b2' }),
  ],
  models: [
    model({
      id: 'm1',
      launch: { start_cmd: 'serve {source}', probe_cmd: 'probe' },
      runtime_defaults: { port: 8081, context_window: 4096, max_tokens: 100 },
    }),
    model({ id: 'm2' }),
  ],
};
const [first, second] = file.hosts;
const [applied] = file.backends;
const [served] = file.models;
const active = recordOf(planned(file, 'm1'));

type Change = Parameters<typeof changed>[1];

/** What it does with a record of the file as it was. */
function isReusedAfter(change: Change): boolean {
  return planned(changed(file, change), 'm1', { active }).isReuse;
}

test('what runs as it is to run is probed, and nothing else is done', () => {
  const plan = planned(file, 'm1', { active });
  expect(plan.isReuse).toBe(true);
  expect(kindsOf(plan)).toEqual(['probe_health@h1']);
  expect(plan.hosts).toEqual([first]);
});

const counts: readonly (readonly [string, Change])[] = [
  ['source', { model: { source: '/other.gguf' } }],
  ['port', { model: { runtime_defaults: { port: 8082 } } }],
  ['start_cmd', { model: { launch: { start_cmd: 'serve2 {source}', probe_cmd: 'probe' } } }],
  ['probe_cmd', { model: { launch: { start_cmd: 'serve {source}', probe_cmd: 'probe2' } } }],
  ['apply_cmd', { backend: { apply_cmd: 'apply2' } }],
  ['no apply_cmd', { backend: { apply_cmd: '' } }],
  ['verify_cmd', { backend: { verify_cmd: 'verify2' } }],
  ['args', { backend: { args: ['-ngl', '98'] } }],
  ['the place between args', { backend: { args: ['-ngl 99'] } }],
  ['env', { backend: { env: { DEVICE: '1', API_KEY: 'secret-one' } } }],
  ['a secret of env', { backend: { env: { DEVICE: '0', API_KEY: 'secret-two' } } }],
  ['a name of env', { backend: { env: { DEVICE2: '0', API_KEY: 'secret-one' } } }],
  ['connection.host', { host: { connection: { ...first?.connection, host: 'h9.lan' } } }],
  ['connection.port', { host: { connection: { ...first?.connection, port: 2222 } } }],
  ['connection.user', { host: { connection: { ...first?.connection, user: 'other' } } }],
  ['transport', { host: { transport: 'local' } }],
];

test.for(counts)('another %s starts it again', ([, change]) => {
  expect(isReusedAfter(change)).toBe(false);
});

const indifferent: readonly (readonly [string, Change])[] = [
  ['the same again', {}],
  ['display_name', { host: { display_name: 'x' }, model: { display_name: 'y' } }],
  ['gpu', { host: { capabilities: { gpu: ['x'], vram_gb: 1, backends: ['b1'] } } }],
  ['health', { host: { health: { check_cmd: 'x', timeout_sec: 1 } } }],
  ['model_control', { host: { model_control: { stop_cmd: 'x', cleanup_cmd: 'y' } } }],
  ['key_path', { host: { connection: { ...first?.connection, key_path: '~/.ssh/b' } } }],
  ['password', { host: { connection: { ...first?.connection, password: 'q' } } }],
  ['the default port of ssh', { host: { connection: { ...first?.connection, port: 22 } } }],
  ['rollback_cmd', { backend: { rollback_cmd: 'other' } }],
  ['verify_always', { backend: { verify_always: true } }],
  ['the order of env', { backend: { env: { API_KEY: 'secret-one', DEVICE: '0' } } }],
  ['time limits', { model: { launch: { ...served?.launch, ...limits() } } }],
  ['split_policy', { model: { split_policy: { x: 1 } } }],
  [
    'context_window',
    { model: { runtime_defaults: { port: 8081, context_window: 1, max_tokens: 1 } } },
  ],
];

function limits() {
  const commands = { start_cmd: 'serve {source}', probe_cmd: 'probe' };
  return { ...commands, probe_timeout_sec: 1, probe_interval_ms: 1 };
}

test.for(indifferent)('another %s does not', ([, change]) => {
  expect(isReusedAfter(change)).toBe(true);
});

test.for([
  ['is forced', { isForced: true }],
  ['asks for another host', { hostId: 'h2' }],
  ['asks for another backend', { backendId: 'b2' }],
] as const)('a selection that %s starts it again', ([, asked]) => {
  expect(planned(file, 'm1', { active, ...asked }).isReuse).toBe(false);
});

test.for([
  ['of another model', { model_id: 'm2' }],
  ['of another backend', { backend_id: 'b2' }],
  ['without a backend', { backend_id: null }],
  ['of another host', { host_ids: ['h2'] }],
  ['of more hosts', { host_ids: ['h1', 'h2'] }],
  ['of something that failed', { healthy: false }],
  ['with another fingerprint', { fingerprint: 'other' }],
] as const)('a record %s is not reused', ([, values]) => {
  const plan = planned(file, 'm1', { active: { ...active, ...values } });
  expect(plan.isReuse).toBe(false);
  expect(plan.steps.at(-1)?.kind).toBe('probe_health');
});

test('without a record nothing is reused and nothing stopped', () => {
  const plan = planned(file, 'm1');
  expect(plan.isReuse).toBe(false);
  expect(kindsOf(plan)).not.toContain('stop_model@h1');
});

test('ports and users of a local host are not used, and do not count', () => {
  const before = recordOf(planned(file, 'm1', { hostId: 'h2' }));
  const hosts = [first, second && { ...second, connection: { port: 1, user: 'x' } }];
  const later = { ...file, hosts: hosts.filter((one) => one !== undefined) };
  expect(planned(later, 'm1', { hostId: 'h2', active: before }).isReuse).toBe(true);
});

test('no secret can be read back from a fingerprint or a record', () => {
  expect(JSON.stringify(active)).not.toMatch(/secret-one|\.ssh/);
  expect(active.fingerprint).toMatch(/^[\da-f]{64}(\.[\da-f]{64}){2}$/);
  expect(active.variables.backend_env).toEqual(['DEVICE=0', 'API_KEY=[REDACTED]']);
});

const withKey: RuntimesFile = changed(file, {
  host: { model_control: { stop_cmd: 'stop {backend_env} {backend_args} {source}' } },
  backend: { ...applied, args: ['--api-key', 'key-in-args', 'plain'] },
});

test('a runtime is stopped with the secrets of its start as far as the file still has them', () => {
  const before = recordOf(planned(withKey, 'm1'));
  expect(JSON.stringify(before)).not.toMatch(/secret-one|key-in-args/);
  const { steps, warnings } = planned(withKey, 'm2', { active: before });
  expect(steps[0]?.command).toBe(
    "stop DEVICE='0' API_KEY='secret-one' '--api-key' 'key-in-args' 'plain' '/models/m1.gguf'",
  );
  expect(warnings).toEqual([]);
});

test('a secret that is gone from the file is missed at the stop, with a warning', () => {
  const before = recordOf(planned(withKey, 'm1'));
  const later = changed(withKey, { backend: { env: {}, args: [] } });
  const { steps, warnings } = planned(later, 'm2', { active: before });
  expect(steps[0]?.command).toBe(
    "stop DEVICE='0' API_KEY='[REDACTED]' '--api-key' '[REDACTED]' 'plain' '/models/m1.gguf'",
  );
  expect(warnings).toEqual([
    'a secret that the active runtime was started with is not in the file any more: the commands that stop it on h1 do without it',
  ]);
  const unused = changed(later, { host: { model_control: { stop_cmd: 'stop {host}' } } });
  expect(planned(unused, 'm2', { active: before }).warnings).toEqual([]);
});

test('a backend that is gone from the file takes nothing from the stop but its secrets', () => {
  const before = recordOf(planned(withKey, 'm1'));
  const later = { ...withKey, backends: withKey.backends.slice(1) };
  expect(planned(later, 'm2', { active: before }).steps[0]?.command).toContain("DEVICE='0'");
});

test('the part of a fingerprint that is shown is the same whatever a secret is, and no other one', () => {
  const partsWith = (key: string, arg: string) => {
    const env = { DEVICE: '0', API_KEY: key };
    const change = { backend: { env, args: ['--api-key', arg], apply_cmd: `echo ${key}` } };
    return planned(changed(file, change), 'm1').fingerprint.split('.');
  };
  const before = partsWith('secret-one', 'secret-a');
  const after = partsWith('secret-two', 'secret-b');
  expect(before).toHaveLength(3);
  expect(before.map((part, at) => part === after[at])).toEqual([false, false, true]);
  const device = planned(changed(file, { backend: { env: { DEVICE: '1' } } }), 'm1');
  expect(device.fingerprint.split('.')[2]).not.toBe(before[2]);
});
