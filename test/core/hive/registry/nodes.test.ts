import { expect, test } from 'vitest';
import { type Catalogue, emptyCatalogue } from '../../../../src/core/hive/catalogue.ts';
import {
  heartbeat,
  register,
  removeHost,
  type Step,
} from '../../../../src/core/hive/registry/nodes.ts';
import { putHealth, setAvailability } from '../../../../src/core/hive/registry/records.ts';
import {
  healthSample,
  hostDocument,
  serviceDocument,
  serviceOf,
} from '../../../support/hive-samples.ts';

const a = serviceDocument({ service_id: 'h1/chat/a' });
const b = serviceDocument({ service_id: 'h1/chat/b' });
const beat = { host_id: 'h1', status: { state: 'online' }, metrics: {}, services: undefined };

function after(step: Step): Catalogue {
  if (!step.ok) throw new Error(step.refusal.kind);
  return step.catalogue;
}

function withHost(services = [a, b]): Catalogue {
  return after(register(emptyCatalogue, { ...hostDocument({ host_id: 'h1' }), services }, 100));
}

test('a host that registers is online, whatever state it sends, at the time of the registry', () => {
  const host = hostDocument({ host_id: 'h1', status: { state: 'offline', last_seen: 5 } });
  const { hosts } = after(register(emptyCatalogue, host, 100));
  expect(hosts.get('h1')?.status).toEqual({ state: 'online', last_seen: 100 });
});

test('a registration replaces all services of its host and keeps those of others', () => {
  const other = {
    ...hostDocument({ host_id: 'h2' }),
    services: [serviceDocument({ service_id: 'x' })],
  };
  const both = after(register(withHost(), other, 101));
  const again = after(register(both, { ...hostDocument({ host_id: 'h1' }), services: [b] }, 102));
  expect([...again.services.keys()].toSorted()).toEqual(['h1/chat/b', 'x']);
  const cleared = after(register(again, hostDocument({ host_id: 'h1' }), 103));
  expect([...cleared.services.keys()]).toEqual(['x']);
});

test('a service belongs to the host that registers it, whatever host it names', () => {
  const service = serviceDocument({ service_id: 's', host_id: 'somebody-else' });
  expect(serviceOf(withHost([service]), 's').row.host_id).toBe('h1');
});

test('a service that another host has is refused, and nothing of the registration is kept', () => {
  const before = withHost();
  const thief = { ...hostDocument({ host_id: 'h2' }), services: [a] };
  expect(register(before, thief, 101)).toEqual({
    ok: false,
    refusal: { kind: 'service-conflict', serviceId: 'h1/chat/a', hostId: 'h1' },
  });
});

test('a heartbeat of a host that nobody knows is refused', () => {
  expect(heartbeat(emptyCatalogue, beat, 1)).toEqual({
    ok: false,
    refusal: { kind: 'unknown-host', hostId: 'h1' },
  });
});

test('a heartbeat sets the state and the metrics, and leaves services alone that it does not name', () => {
  const status = { state: 'draining' };
  const next = after(heartbeat(withHost(), { ...beat, status, metrics: { load: 1 } }, 105));
  expect(next.hosts.get('h1')).toMatchObject({
    status: { state: 'draining', last_seen: 105 },
    metrics: { load: 1 },
  });
  expect(next.services.size).toBe(2);
  expect(after(heartbeat(next, beat, 106)).hosts.get('h1')?.metrics).toEqual({});
});

test('a heartbeat with an empty list of services takes them away', () => {
  expect(after(heartbeat(withHost(), { ...beat, services: [] }, 105)).services.size).toBe(0);
});

test('metrics stay when a host registers again', () => {
  const measured = after(heartbeat(withHost(), { ...beat, metrics: { load: 1 } }, 105));
  const again = after(register(measured, hostDocument({ host_id: 'h1' }), 106));
  expect(again.hosts.get('h1')?.metrics).toEqual({ load: 1 });
});

test('the time of the first registration, a sample and what an operator has set stay with a service', () => {
  const sampled = after(putHealth(withHost(), [healthSample({ status: 'unhealthy' })]));
  const drained = after(setAvailability(sampled, 'h1/chat/a', 'draining'));
  const next = after(heartbeat(drained, { ...beat, services: [a] }, 200));
  expect(serviceOf(next, 'h1/chat/a')).toMatchObject({
    created_at: 100,
    sample: { status: 'unhealthy' },
    row: { updated_at: 200, state: { availability: 'draining' } },
  });
  const free = after(setAvailability(next, 'h1/chat/a', undefined));
  expect(serviceOf(free, 'h1/chat/a').row.state.availability).toBe('available');
});

test('a host that is removed takes its services with it', () => {
  const gone = after(removeHost(withHost(), 'h1'));
  expect([gone.hosts.size, gone.services.size]).toEqual([0, 0]);
  expect(removeHost(gone, 'h1')).toMatchObject({ ok: false, refusal: { kind: 'unknown-host' } });
});

test('what a request has seen does not change under it', () => {
  const before = withHost();
  after(heartbeat(before, { ...beat, services: [] }, 105));
  after(removeHost(before, 'h1'));
  after(setAvailability(before, 'h1/chat/a', 'offline'));
  expect(before.services.size).toBe(2);
  expect(serviceOf(before, 'h1/chat/a').row.state.availability).toBe('available');
});
