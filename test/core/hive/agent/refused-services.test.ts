import { expect, test } from 'vitest';
import { refusedServices } from '../../../../src/core/hive/agent/refused-services.ts';

const of = (...locs: readonly (readonly unknown[])[]) =>
  refusedServices({ detail: locs.map((loc) => ({ loc, msg: 'no', input: 'secret' })) }, []);

test('services that are refused are told by their position, with the first reason, and without what was sent', () => {
  const refused = of(
    ['body', 'services', 1, 'endpoint'],
    ['body', 'services', 1, 'kind'],
    ['body', 'services', 3, 'assets', 0, 'asset_id'],
  );
  expect([...(refused ?? [])]).toEqual([
    [1, 'endpoint: no'],
    [3, 'assets.0.asset_id: no'],
  ]);
});

test.for([
  [undefined],
  [[]],
  [{ detail: 'unauthorized' }],
  [{ detail: [] }],
  [{ detail: ['no'] }],
  [{ detail: [{ loc: ['body', 'services', 0] }] }],
  [{ detail: [{ msg: 'no', loc: 'body' }] }],
  [{ detail: [{ msg: 'no', loc: ['body', 'services'] }] }],
  [{ detail: [{ msg: 'no', loc: ['query', 'services', 0] }] }],
])('an answer that is not about services alone is a refusal of the host: %j', ([body]) => {
  expect(refusedServices(body, [])).toBeUndefined();
});

test('where the host is refused as well, no service is to blame', () => {
  expect(of(['body', 'services', 1, 'endpoint'], ['body', 'address'])).toBeUndefined();
});

test('a service that another host has registered is told by its id', () => {
  const body = { error: 'service_conflict', service_id: 'h/chat/b', host_id: 'other' };
  const ids = ['h/chat/a', 'h/chat/b'];
  expect([...(refusedServices(body, ids) ?? [])]).toEqual([
    [1, 'the host "other" has registered it'],
  ]);
  expect(refusedServices({ ...body, service_id: 'h/chat/c' }, ids)).toBeUndefined();
  const { host_id: _, ...nameless } = body;
  expect([...(refusedServices(nameless, ids) ?? [])]).toEqual([
    [1, 'the host another one has registered it'],
  ]);
});
