import { expect, test } from 'vitest';
import type { ActiveRecord } from '../../../../src/core/fleet/active-record.ts';
import type { RuntimeHost } from '../../../../src/core/fleet/runtimes-file.ts';
import { kindsOf, planned, recordOf, two } from './samples.ts';

const active = recordOf(planned(two, 'qwen-remote'));
const connection = {
  ...{ host: '10.0.0.99', user: 'exampleuser' },
  ...{ key_path: '~/.ssh/new', password: 'hidden' },
};

function moved(more: Partial<RuntimeHost>) {
  return {
    ...two,
    hosts: two.hosts.map((host) => (host.id === 'lab-ssh' ? { ...host, ...more } : host)),
  };
}

test('the record has how its host is reached, and no secret of it', () => {
  expect(active.hosts).toEqual([
    { id: 'lab-ssh', transport: 'ssh', host: '10.0.0.10', port: 22, user: 'exampleuser' },
  ]);
});

test('a host that has another address now is stopped where it was, with the key and the password of now', () => {
  const plan = planned(moved({ connection }), 'qwen-remote', { active });
  const [stop] = plan.steps;
  expect(plan.isReuse).toBe(false);
  expect(stop).toMatchObject({ kind: 'stop_model', hostId: 'lab-ssh' });
  expect(stop?.host?.connection).toEqual({ ...connection, host: '10.0.0.10', port: 22 });
  expect(stop?.probe?.host).toEqual(stop?.host);
  expect(plan.target.connection).toEqual(connection);
  expect(plan.warnings).toEqual([
    'host lab-ssh was at exampleuser@10.0.0.10 when this was started: qwen-remote is stopped there',
  ]);
});

test('a host that was this machine when the model was started is stopped on this machine', () => {
  const local = recordOf(planned(moved({ transport: 'local' }), 'qwen-remote'));
  const plan = planned(two, 'qwen-remote', { active: local });
  expect(plan.steps[0]?.host?.transport).toBe('local');
  expect(plan.warnings[0]).toContain('host lab-ssh was at this machine when this was started');
});

test('a backend of a host that has moved is not there yet', () => {
  const at = (more: Partial<RuntimeHost>) => {
    const file = moved(more);
    const backends = file.backends.map((one) => ({ ...one, apply_cmd: 'apply' }));
    const withApply = { ...file, backends };
    const before = recordOf(planned({ ...two, backends }, 'qwen-remote'));
    return kindsOf(planned(withApply, 'qwen-remote', { active: before, isForced: true }));
  };
  expect(at({})).not.toContain('apply_backend@lab-ssh');
  expect(at({ connection })).toContain('apply_backend@lab-ssh');
});

test('a record without the ways to its hosts is stopped at the address of now', () => {
  const { hosts: _, ...old } = active;
  const before: ActiveRecord = old;
  const plan = planned(moved({ connection }), 'qwen-remote', { active: before });
  expect(plan.steps[0]).not.toHaveProperty('host');
  expect(plan.warnings).toEqual([]);
});
