import { expect, test } from 'vitest';
import { refusedServices } from '../../../../src/core/hive/agent/refused-services.ts';

const of = (...locs: readonly (readonly unknown[])[]) =>
  refusedServices({ detail: locs.map((loc) => ({ loc, msg: 'no', input: 'secret' })) });

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
  expect(refusedServices(body)).toBeUndefined();
});

test('where the host is refused as well, no service is to blame', () => {
  expect(of(['body', 'services', 1, 'endpoint'], ['body', 'address'])).toBeUndefined();
});
