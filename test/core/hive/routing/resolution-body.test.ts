import { expect, test } from 'vitest';
import { resolutionBody } from '../../../../src/core/hive/routing/resolution-body.ts';
import { resolve } from '../../../../src/core/hive/routing/resolve.ts';
import { type Entries, host, role, service, view } from '../samples.ts';

function bodyOf(entries: Entries, name: string, failOpen = false): unknown {
  const resolution = resolve(view(entries, { failOpen }), name);
  return resolution === undefined ? undefined : resolutionBody(resolution);
}

test('the answer for a service has no role, and null where nothing serves it', () => {
  const one = service('h1/a');
  expect(bodyOf({ services: [one] }, 'h1/a')).toEqual({
    match_type: 'direct',
    service: one.row,
    reasons: ['the name is its id', 'it is the only one that can'],
    excluded: [],
  });
  expect(bodyOf({ services: [one], hosts: [] }, 'h1/a')).toEqual({
    match_type: 'direct',
    service: null,
    reasons: ['nothing can serve it now'],
    excluded: [{ service_id: 'h1/a', reason: 'its host is not registered' }],
  });
});

test('the answer for a role has the role, and the fallback where there was one', () => {
  const one = service('h1/a');
  const roles = [
    role('r', { routing: { require_loaded: true, fallback_roles: ['other'] } }),
    role('other'),
  ];
  expect(bodyOf({ services: [one], roles }, 'r')).toMatchObject({
    match_type: 'role',
    role: roles[0],
    service: one.row,
    fallback_via: 'other',
  });
  const plain = bodyOf({ services: [one], roles }, 'other');
  expect(Object.keys(plain ?? {})).toEqual([
    'match_type',
    'role',
    'service',
    'reasons',
    'excluded',
  ]);
});

test('the answer says that it is degraded only where it is', () => {
  const entries = { services: [service('h1/a')], hosts: [host('h1', { lastSeen: 0 })] };
  expect(bodyOf(entries, 'h1/a', true)).toMatchObject({ degraded: true });
  expect(bodyOf(entries, 'h1/a')).not.toHaveProperty('degraded');
});
