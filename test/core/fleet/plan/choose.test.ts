import { expect, test } from 'vitest';
import type { RuntimesFile } from '../../../../src/core/fleet/runtimes-file.ts';
import { backend, changed, host, model, planned, policies, refusal, two } from './samples.ts';

function on(backends: readonly string[]) {
  return { capabilities: { gpu: [], backends } };
}

test('a model that is not there or disabled is not found', () => {
  const error = {
    code: 'MODEL_NOT_FOUND',
    reason: 'Model not found or disabled: nope (no such model)',
    rejected: [],
  };
  expect(refusal(two, 'nope')).toEqual(error);
  const disabled = changed(two, { model: { enabled: false } });
  expect(refusal(disabled, 'qwen-local')).toEqual({
    ...error,
    reason: 'Model not found or disabled: qwen-local (disabled)',
  });
});

test('one that was probably meant is proposed, whatever was asked for', () => {
  const reasons = [
    refusal(two, 'qwen-locl'),
    refusal(two, 'qwen-local', { hostId: 'workstaton' }),
    refusal(two, 'qwen-local', { backendId: 'vulkn' }),
  ].map(({ reason }) => reason);
  expect(reasons).toEqual([
    'Model not found or disabled: qwen-locl (no such model; did you mean qwen-local?)',
    'Host not found or disabled: workstaton (no such host; did you mean workstation?)',
    'Backend not found or disabled: vulkn (no such backend; did you mean vulkan?)',
  ]);
});

test('a host that is asked for has to be there and enabled', () => {
  expect(refusal(two, 'qwen-local', { hostId: 'nope' })).toEqual({
    code: 'NO_ELIGIBLE_HOST',
    reason: 'Host not found or disabled: nope (no such host)',
    rejected: [{ hostId: 'nope', backendId: undefined, rule: 'hosts[].id' }],
  });
  const disabled = changed(two, { host: { enabled: false } });
  expect(refusal(disabled, 'qwen-local', { hostId: 'workstation' })).toEqual({
    code: 'NO_ELIGIBLE_HOST',
    reason: 'Host not found or disabled: workstation (disabled)',
    rejected: [{ hostId: 'workstation', backendId: undefined, rule: 'hosts[].enabled' }],
  });
});

test('a model whose hosts are all disabled has none', () => {
  const disabled = changed(two, { host: { enabled: false } });
  expect(refusal(disabled, 'qwen-local')).toEqual({
    code: 'NO_ELIGIBLE_HOST',
    reason: 'No eligible host found for model qwen-local',
    rejected: [{ hostId: 'workstation', backendId: undefined, rule: 'hosts[].enabled' }],
  });
  const nowhere = changed(two, { model: { host_policy: [] } });
  expect(refusal(nowhere, 'qwen-local').rejected).toEqual([]);
});

test('a host that is asked for has to be allowed by the policy of the model', () => {
  expect(refusal(two, 'qwen-local', { hostId: 'lab-ssh' })).toEqual({
    code: 'HOST_POLICY_VIOLATION',
    reason: 'Host lab-ssh violates host policy for model qwen-local',
    rejected: [{ hostId: 'lab-ssh', backendId: undefined, rule: 'models[].host_policy' }],
  });
});

test('a backend that is asked for has to be there and enabled', () => {
  const open = changed(two, { model: { host_policy: 'any' } });
  expect(refusal(open, 'qwen-local', { backendId: 'nope' })).toEqual({
    code: 'BACKEND_NOT_FOUND',
    reason: 'Backend not found or disabled: nope (no such backend)',
    rejected: [
      { hostId: 'workstation', backendId: 'nope', rule: 'backends[].id' },
      { hostId: 'lab-ssh', backendId: 'nope', rule: 'backends[].id' },
    ],
  });
  const disabled = changed(two, { backend: { enabled: false } });
  expect(refusal(disabled, 'qwen-local', { backendId: 'vulkan' })).toMatchObject({
    code: 'BACKEND_NOT_FOUND',
    rejected: [{ hostId: 'workstation', backendId: 'vulkan', rule: 'backends[].enabled' }],
  });
});

test('a backend that is asked for has to be allowed by the policy of the model', () => {
  expect(refusal(two, 'qwen-local', { backendId: 'rocm' })).toEqual({
    code: 'BACKEND_POLICY_VIOLATION',
    reason: 'Backend rocm violates backend policy for model qwen-local',
    rejected: [{ hostId: 'workstation', backendId: 'rocm', rule: 'models[].backend_policy' }],
  });
});

test('a backend that is asked for has to fit a host: the error names the rule that it does not', () => {
  const cpu = { hostId: 'ws', backendId: 'cpu' };
  expect(refusal(policies, 'reasoning-large', cpu)).toEqual({
    code: 'BACKEND_HOST_MISMATCH',
    reason: 'Backend cpu cannot run on host ws: excluded by backends[].host_filters',
    rejected: [{ ...cpu, rule: 'backends[].host_filters' }],
  });
  const unfiltered: RuntimesFile = {
    ...policies,
    backends: policies.backends.map((one) => ({ ...one, host_filters: 'any' })),
  };
  expect(refusal(unfiltered, 'reasoning-large', cpu).reason).toBe(
    'Backend cpu cannot run on host ws: excluded by hosts[].capabilities.backends',
  );
  const nowhere = changed(policies, {
    host: on([]),
    backend: { host_filters: ['ws'] },
    model: { host_policy: 'any', backend_policy: 'any' },
  });
  expect(refusal(nowhere, 'coder-fast', { backendId: 'cuda' }).reason).toBe(
    'Backend cuda cannot run on host ws: excluded by hosts[].capabilities.backends, nor on host cpu-node: excluded by backends[].host_filters',
  );
});

test('a model that names its backends has none where none of them fits', () => {
  const error = refusal(changed(two, { host: on(['cuda']) }), 'qwen-local');
  expect(error).toEqual({
    code: 'BACKEND_NOT_FOUND',
    reason: 'No eligible backend found for model qwen-local',
    rejected: [
      { hostId: 'workstation', backendId: 'vulkan', rule: 'hosts[].capabilities.backends' },
    ],
  });
  const disabled = changed(two, { backend: { enabled: false } });
  expect(refusal(disabled, 'qwen-local').rejected).toEqual([
    { hostId: 'workstation', backendId: 'vulkan', rule: 'backends[].enabled' },
  ]);
});

const three: RuntimesFile = {
  hosts: [
    host({ id: 'h1', ...on(['b1']), enabled: false }),
    host({ id: 'h2', ...on(['b3']) }),
    host({ id: 'h3', ...on(['b1', 'b2', 'b3']) }),
  ],
  backends: [
    backend({ id: 'b1', enabled: false }),
    backend({ id: 'b2', host_filters: ['h3'] }),
    backend({ id: 'b3', host_filters: ['h3'] }),
  ],
  models: [model({ id: 'm' })],
};

function pairOf(file: RuntimesFile, asked: Parameters<typeof planned>[2] = {}) {
  const { target, backend: one } = planned(file, 'm', asked);
  return [target.id, one?.id];
}

test('the next host is tried where no backend fits the first', () => {
  expect(pairOf(three)).toEqual(['h3', 'b2']);
});

test('a policy is an order of preference, and so is the file where there is none', () => {
  expect(pairOf(changed(three, { model: { backend_policy: ['b3', 'b2'] } }))).toEqual(['h3', 'b3']);
  const hosts = three.hosts.map((one) => ({ ...one, ...on(['b4']), enabled: true }));
  const both = { ...three, hosts, backends: [backend({ id: 'b4' })] };
  expect(pairOf(both)).toEqual(['h1', 'b4']);
  expect(pairOf(changed(both, { model: { host_policy: ['h3', 'h1', 'h3'] } }))).toEqual([
    'h3',
    'b4',
  ]);
  expect(pairOf(both, { hostId: 'h2' })).toEqual(['h2', 'b4']);
});

test('any backend is none on the first host where no host has one that fits', () => {
  const none = { ...three, backends: three.backends.slice(0, 1) };
  expect(pairOf(none)).toEqual(['h2', undefined]);
  expect(pairOf(none, { hostId: 'h3' })).toEqual(['h3', undefined]);
});

test.for([
  [
    {},
    'any',
    'host h3 is the first in the file that a backend fits, and backend b2 is the first in the file that fits it',
  ],
  [{ hostId: 'h3', backendId: 'b3' }, 'any', 'host h3 was asked for, and backend b3 was asked for'],
  [
    { backendId: 'b3' },
    ['b3'],
    'host h3 is the first in the file that backend b3 fits, and backend b3 was asked for',
  ],
  [
    { hostId: 'h2' },
    'any',
    'host h2 was asked for, and no backend fits, which its backend_policy "any" allows',
  ],
] as const)('asked for %j with %j, the plan says: %s', ([asked, policy, reason]) => {
  const file = changed(three, { model: { backend_policy: policy } });
  expect(planned(file, 'm', asked).reason).toBe(reason);
});

test('a selection without a backend says that none fits', () => {
  const none = { ...three, backends: [] };
  expect(planned(none, 'm').reason).toBe(
    'host h2 is the first in the file that is enabled, and no backend fits, which its backend_policy "any" allows',
  );
});
