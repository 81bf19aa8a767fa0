import { expect, test } from 'vitest';
import { roleCollisions } from '../../../src/core/hive/role-collisions.ts';
import { catalogue, role, service } from './samples.ts';

test('a role with the name of a service or an asset is told, with the services that have it', () => {
  const services = [
    service('h1/b', { assets: ['m'] }),
    service('h1/a', { assets: ['m'], state: { health: null } }),
    service('s', { hostId: 'h1', assets: ['s'] }),
  ];
  const roles = [role('s'), role('m'), role('free')];
  expect(roleCollisions(catalogue({ services, roles }))).toEqual([
    { role_id: 'm', with: 'asset', service_ids: ['h1/a', 'h1/b'] },
    { role_id: 's', with: 'service', service_ids: ['s'] },
  ]);
});
