import { expect, test } from 'vitest';
import { pageViewOf } from '../../../../src/core/hive/page/page-view.ts';
import {
  busyView,
  catalogueOf,
  hostRow,
  knowledge,
  nowS,
  registered,
} from '../../../support/hive-page.ts';

test('the lists are in the order of their ids, however they were registered', () => {
  const view = pageViewOf(
    catalogueOf([hostRow('b'), hostRow('a')], [registered('z'), registered('y')]),
    knowledge(),
  );
  expect(view.hosts.map((it) => it.id)).toEqual(['a', 'b']);
  expect(view.services.map((it) => it.id)).toEqual(['y', 'z']);
});

test('the summary counts what works, and all', () => {
  expect(busyView().summary).toEqual({
    ...{ hosts: 3, hostsOnline: 2, services: 5, servicesReady: 2, roles: 3, rolesServed: 2 },
    ...{ routed: 18_342 + 4 * 310, errors: 7 },
  });
});

test.for([
  ['ok', { state: 'online', last_seen: nowS - 30 }, false],
  ['bad', { state: 'online', last_seen: nowS - 31 }, true],
  ['bad', { state: 'maintenance', last_seen: nowS - 31 }, true],
  ['off', { state: 'maintenance', last_seen: nowS }, false],
] as const)('a host is %s with %o', ([level, status, isStale]) => {
  const [host] = pageViewOf(catalogueOf([hostRow('a', { status })]), knowledge()).hosts;
  expect(host).toMatchObject({ level, isStale, state: status.state });
});

test.for([
  ['ok', {}, undefined],
  ['warn', { availability: 'busy' }, undefined],
  ['warn', { health: 'unhealthy' }, undefined],
  ['bad', { health: 'unhealthy' }, 'not healthy'],
  ['bad', { availability: 'quarantined' }, 'quarantined'],
  ['off', { availability: 'draining' }, 'draining'],
  ['off', { availability: 'paused_by_user' }, 'paused'],
  ['off', { accept_requests: false }, 'accepts no requests'],
  ['bad', { accept_requests: false, health: 'unhealthy' }, 'not healthy'],
] as const)('a service is %s with %o and the obstacle %s', ([level, state, obstacle]) => {
  const catalogue = catalogueOf([hostRow('atlas')], [registered('a', { state })]);
  const [service] = pageViewOf(catalogue, knowledge({ obstacleOf: () => obstacle })).services;
  expect(service).toMatchObject({ level, obstacle });
});

test('of the metrics numbers are shown, and of each GPU what it says of itself', () => {
  const gpus = [
    { name: 'H100', vram_gb: 80 },
    { gpu_id: 'cuda:0' },
    {},
    null,
    7,
    ['x'],
    { name: 3 },
  ];
  const host = hostRow('a', { metrics: { z: 1, b: 'text', a: 2.5, c: null }, resources: { gpus } });
  const bare = hostRow('b', { resources: { gpus: 'two' } });
  const [one, other] = pageViewOf(catalogueOf([host, bare]), knowledge()).hosts;
  expect(one?.metrics).toEqual([
    { name: 'a', value: 2.5 },
    { name: 'z', value: 1 },
  ]);
  expect(one?.gpus).toEqual(['H100, 80 GB', 'cuda:0']);
  expect(other?.gpus).toEqual([]);
});

test('the latest twenty requests are shown', () => {
  const one = {
    atS: 1,
    requested: 'a',
    serviceId: undefined,
    status: 200,
    milliseconds: 1,
    isRetried: false,
  };
  const view = busyView({ recent: Array.from({ length: 30 }, (_, at) => ({ ...one, atS: at })) });
  expect(view.routes.map((it) => it.atS)).toEqual(Array.from({ length: 20 }, (_, at) => at));
});
