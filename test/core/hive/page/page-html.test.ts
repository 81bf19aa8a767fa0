import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loginHtml } from '../../../../src/core/hive/page/login-html.ts';
import { html, textOf } from '../../../../src/core/hive/page/markup.ts';
import { pageHtml } from '../../../../src/core/hive/page/page-html.ts';
import { pageParts, pageTitle, partIds } from '../../../../src/core/hive/page/page-parts.ts';
import { loginPolicy, pagePolicy } from '../../../../src/core/hive/page/page-policy.ts';
import { grouped } from '../../../../src/core/hive/page/page-tables.ts';
import { relativeTime, span } from '../../../../src/core/hive/page/page-time.ts';
import { pageViewOf } from '../../../../src/core/hive/page/page-view.ts';
import {
  busyView,
  catalogueOf,
  hostRow,
  knowledge,
  nowS,
  registered,
} from '../../../support/hive-page.ts';

const empty = pageViewOf(catalogueOf([]), knowledge());

test('no text gets out of its place, whatever it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', 'a', ';') }), (text) => {
      const written = textOf(html`<p title="${text}">${text}</p>`);
      const [, title, inner] = /^<p title="([^"<>']*)">([^"<>']*)<\/p>$/.exec(written) ?? [];
      expect(title).toBe(inner);
      expect(unescaped(inner ?? '')).toBe(text);
    }),
  );
});

test('what only looks like markup is not taken for it', () => {
  const parsed: unknown = JSON.parse('{"markup": "<b>"}');
  expect(() => html`${parsed as string}`).toThrow();
});

test('the page has each part under its id, and needs nothing from elsewhere', () => {
  const text = pageHtml(busyView(), { hasLogout: false });
  const ids = [...text.matchAll(/<section id="(\w+)">/g)].map((it) => it[1]);
  expect(ids).toEqual([...partIds]);
  expect(text).not.toMatch(/ (src|href|style|on\w+)=/);
  expect(text).not.toContain('/logout');
  expect(pageHtml(busyView(), { hasLogout: true })).toContain('action="/logout"');
});

test('an empty registry says what to do', () => {
  const parts = pageParts(empty);
  expect(parts.attention).toContain('Nothing is registered yet');
  expect(parts.hosts).toContain('POST /v1/nodes/register');
  expect(parts.services).toContain('No service is registered yet');
  expect(parts.roles).toContain('No roles are defined');
  expect(parts.routes).toContain('No request has come');
});

test('a tab says how much is down', () => {
  expect(pageTitle(empty)).toBe('vllmd hive');
  expect(pageTitle(busyView())).toBe('(3 down) vllmd hive');
});

test('where all works the page says so', () => {
  const view = pageViewOf(catalogueOf([hostRow('atlas')], [registered('a')]), knowledge());
  expect(pageParts(view).attention).toContain('Everything works');
  expect(pageParts(view).attention).not.toContain('<ul');
});

test('a thing to check is not called down', () => {
  const state = { availability: 'busy' } as const;
  const view = pageViewOf(
    catalogueOf([hostRow('atlas')], [registered('a', { state })]),
    knowledge(),
  );
  expect(pageParts(view).attention).toContain('Nothing is down, but check');
});

test.for([
  [{}, 'healthy', 'declared'],
  [{ health: null }, 'health unknown', 'not healthy'],
  [{ availability: 'busy' }, 'busy', 'healthy, declared'],
] as const)('a service with %o is told as %s', ([state, ...texts]) => {
  const it = registered('a', { state, engine: null, assets: [] });
  const { services } = pageParts(pageViewOf(catalogueOf([hostRow('atlas')], [it]), knowledge()));
  for (const text of texts) expect(services).toContain(text);
});

test('a latency of which one half is known shows that half', () => {
  const it = registered('a', { observed: { p50_latency_ms: 12 } });
  const { services } = pageParts(pageViewOf(catalogueOf([hostRow('atlas')], [it]), knowledge()));
  expect(services).toMatch(/12 \/ <span class="none"/);
});

test('the policy lets run what is in the page, and no other text', () => {
  const text = pageHtml(busyView(), { hasLogout: true });
  expect(pagePolicy()).toBe(
    `default-src 'none'; style-src ${hashOf(text, 'style')}; script-src ${hashOf(text, 'script')}; ` +
      "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  const form = loginHtml({ wasRefused: false });
  expect(form).not.toContain('<script');
  expect(loginPolicy()).toContain(`style-src ${hashOf(form, 'style')}`);
  expect(loginPolicy()).not.toContain('script-src');
});

test('a refused key is told beside its field', () => {
  expect(loginHtml({ wasRefused: false })).not.toContain('alert');
  expect(loginHtml({ wasRefused: true })).toMatch(
    /aria-describedby="refused"[\s\S]*id="refused" role="alert"/,
  );
});

test.for([
  [-5, '0 s'],
  [59.9, '59 s'],
  [60, '1 min'],
  [3599, '59 min'],
  [3600, '1 h'],
  [86_400, '1 d'],
] as const)('%d seconds are %s', ([seconds, text]) => {
  expect(span(seconds)).toBe(text);
});

test('a time that no calendar has is still told', () => {
  expect(textOf(relativeTime(1e300, nowS, 'ago'))).toContain('datetime=""');
});

test.for([
  [0, '0'],
  [999, '999'],
  [1000, '1 000'],
  [1_234_567.8, '1 234 567.8'],
] as const)('%d is grouped as %s', ([value, text]) => {
  expect(grouped(value)).toBe(text.replaceAll(' ', '\u00a0'));
});

function unescaped(text: string): string {
  const signs: Readonly<Record<string, string>> = {
    ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#39;': "'" },
  };
  return text.replace(/&[^;]*;/g, (it) => signs[it] ?? '?');
}

function hashOf(text: string, element: string): string {
  const inner = new RegExp(`<${element}>([\\s\\S]*?)</${element}>`).exec(text)?.[1] ?? '';
  return `'sha256-${createHash('sha256').update(inner).digest('base64')}'`;
}
