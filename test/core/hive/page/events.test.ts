import { expect, test } from 'vitest';
import { pageEvent, tickEvent } from '../../../../src/core/hive/page/events.ts';
import { pageParts, partIds } from '../../../../src/core/hive/page/page-parts.ts';
import { busyView, nowS } from '../../../support/hive-page.ts';

const head = { id: 7, nowS, title: 'a title' };
const parts = pageParts(busyView());

test('with nothing before all parts go', () => {
  const text = pageEvent(undefined, parts, head) ?? '';
  expect(text).toMatch(/^id: 7\nevent: parts\ndata: .*\n\n$/);
  expect(dataOf(text)).toEqual({ at: nowS, title: 'a title', parts });
  expect(Object.keys(parts)).toEqual([...partIds]);
});

test('time that goes by is no change', () => {
  const later = pageParts({ ...busyView(), nowS: nowS + 1000 });
  expect(later).not.toEqual(parts);
  expect(pageEvent(parts, later, head)).toBeUndefined();
});

test('a heartbeat sends the part of the hosts alone', () => {
  const view = busyView();
  const hosts = view.hosts.map((it) => ({ ...it, lastSeenS: it.lastSeenS + 1 }));
  const next = pageParts({ ...view, hosts });
  expect(dataOf(pageEvent(parts, next, head) ?? '')).toMatchObject({
    parts: { hosts: next.hosts },
  });
  expect(Object.keys(dataOf(pageEvent(parts, next, head) ?? '').parts)).toEqual(['hosts']);
});

test('an id that looks like a time is compared whole', () => {
  const view = busyView();
  const named = (id: string) =>
    pageParts({ ...view, roles: view.roles.map((it) => ({ ...it, id })) });
  expect(pageEvent(named('<time >a'), named('<time >b'), head)).toBeDefined();
});

test('text with line feeds stays in its event', () => {
  const next = { ...parts, roles: 'a\n\nevent: tick\ndata: {}\n\n' };
  expect((pageEvent(parts, next, head) ?? '').split('\n')).toHaveLength(5);
});

test('a tick has the time of the router', () => {
  expect(tickEvent(12.5)).toBe('event: tick\ndata: {"at":12.5}\n\n');
});

function dataOf(text: string): { readonly parts: object } {
  return JSON.parse(/^data: (.*)$/m.exec(text)?.[1] ?? 'null');
}
