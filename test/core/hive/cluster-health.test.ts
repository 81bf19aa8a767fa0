import { expect, test } from 'vitest';
import { clusterHealth } from '../../../src/core/hive/cluster-health.ts';
import { host, NOW_S, service, view } from './samples.ts';

test('hosts count as online or silent, and one in another state as neither', () => {
  const old = { lastSeen: NOW_S - 31 };
  const hosts = [
    host('h1'),
    host('h2', old),
    host('h3', { state: 'draining' }),
    host('h4', { ...old, state: 'draining' }),
    host('h5', { lastSeen: NOW_S - 30 }),
  ];
  expect(clusterHealth(view({ hosts }))).toEqual({
    status: 'ok',
    host_count: 5,
    online_host_count: 2,
    stale_host_count: 2,
    service_count: 0,
    healthy_service_count: 0,
  });
});

test('a service is healthy by its fresh sample, else by what is declared, whatever its host does', () => {
  const services = [
    service('h1/a'),
    service('h1/b', { state: { health: 'unhealthy' } }),
    service('h1/c', { state: { health: null }, sample: { status: 'healthy' } }),
    service('h1/d', { sample: { status: 'unhealthy' } }),
    service('h1/e', { sample: { status: 'unhealthy', observed_at: NOW_S - 31 } }),
    service('h1/f', { state: { accept_requests: false } }),
  ];
  const hosts = [host('h1', { lastSeen: 0 })];
  expect(clusterHealth(view({ hosts, services }))).toMatchObject({
    online_host_count: 0,
    service_count: 6,
    healthy_service_count: 4,
  });
});
