import { expect, test } from 'vitest';
import { availabilities } from '../../../../src/core/hive/documents.ts';
import { misfit } from '../../../../src/core/hive/routing/eligible.ts';
import { host, NOW_S, type ServiceChanges, service, view } from '../samples.ts';

function reasonFor(changes: ServiceChanges, onHost = host('h1')): string | undefined {
  const one = service('h1/chat/a', changes);
  return misfit(one, view({ hosts: [onHost], services: [one] }));
}

test('a service that is healthy and accepts requests on a host that is online gets work', () => {
  expect(reasonFor({})).toBeUndefined();
  expect(reasonFor({ state: { accept_requests: false } })).toBe('it accepts no requests');
});

test('without a fresh sample, the declared health has to be exactly healthy', () => {
  for (const health of ['unhealthy', 'Healthy', '', null]) {
    expect(reasonFor({ state: { health } })).toBe('its host does not declare it healthy');
  }
});

test('a fresh sample decides against what is declared, in both directions', () => {
  expect(reasonFor({ state: { health: null }, sample: { status: 'healthy' } })).toBeUndefined();
  const ill = 'the last health sample did not find it healthy';
  expect(reasonFor({ sample: { status: 'unhealthy' } })).toBe(ill);
  const atLimit = { status: 'unhealthy', observed_at: NOW_S - 30 };
  expect(reasonFor({ sample: atLimit })).toBe(ill);
  expect(reasonFor({ sample: { ...atLimit, observed_at: NOW_S - 30.5 } })).toBeUndefined();
});

test('of the availabilities, only available and busy let work in', () => {
  const open = availabilities.filter(
    (availability) => reasonFor({ state: { availability } }) === undefined,
  );
  expect(open).toEqual(['available', 'busy']);
});

test('a host that is unknown, not online or silent gives its services no work', () => {
  expect(reasonFor({}, host('h2'))).toBe('its host is not registered');
  expect(reasonFor({}, host('h1', { state: 'draining' }))).toBe('its host is not online');
  expect(reasonFor({}, host('h1', { lastSeen: NOW_S - 30 }))).toBeUndefined();
  const silent = 'its host was silent for too long';
  expect(reasonFor({}, host('h1', { lastSeen: NOW_S - 30.5 }))).toBe(silent);
});
