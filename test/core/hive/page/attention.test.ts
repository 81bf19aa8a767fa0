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

test('what is down comes first, and one cause is one line', () => {
  expect(busyView().attention.map((it) => [it.level, it.what, it.id])).toEqual([
    ['bad', 'host', 'boreas-02'],
    ['bad', 'role', 'long_context'],
    ['bad', 'service', 'p40-box/chat/gpu0'],
    ['warn', 'role', 'mentor'],
    ['off', 'service', 'p40-box/chat/gpu1-secondary'],
  ]);
});

test.for([
  [0, 'silent'],
  [1, 'silent: its service gets no work'],
  [2, 'silent: its 2 services get no work'],
] as const)('a silent host with %i services says so, and since when', ([count, text]) => {
  const host = hostRow('atlas', { status: { state: 'online', last_seen: nowS - 90 } });
  const services = ['a', 'b'].slice(0, count).map((id) => registered(id));
  const view = pageViewOf(catalogueOf([host], services), knowledge({ obstacleOf: () => 'silent' }));
  expect(view.attention).toEqual([
    { level: 'bad', what: 'host', id: 'atlas', text, sinceS: nowS - 90 },
  ]);
});

test('a host that says that it is not online is told in its own word', () => {
  const host = hostRow('a', { status: { state: 'maintenance', last_seen: nowS } });
  expect(pageViewOf(catalogueOf([host]), knowledge()).attention).toEqual([
    { level: 'off', what: 'host', id: 'a', text: 'says maintenance', sinceS: undefined },
  ]);
});

test.for([
  [{ availability: 'busy' }, 'busy', undefined],
  [{ health: 'degraded' }, 'degraded', 7],
  [{ health: null }, 'health unknown', 7],
] as const)('a service that works with %o is to be looked at', ([state, text, sinceS]) => {
  const view = pageViewOf(
    catalogueOf([hostRow('atlas')], [registered('a', { state })]),
    knowledge({
      obstacleOf: () => undefined,
      healthOf: ({ row }) => ({ health: row.state.health, source: 'observed', sinceS: 7 }),
    }),
  );
  expect(view.attention).toEqual([{ level: 'warn', what: 'service', id: 'a', text, sinceS }]);
});
