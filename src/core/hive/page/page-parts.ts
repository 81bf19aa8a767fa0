import type { Attention } from './attention.ts';
import { html, type Markup, textOf } from './markup.ts';
import { grouped, hostsTable, rolesTable, routesTable, servicesTable } from './page-tables.ts';
import { relativeTime } from './page-time.ts';
import type { PageView } from './page-view.ts';
import { status } from './status.ts';

export const partIds = ['attention', 'summary', 'roles', 'services', 'hosts', 'routes'] as const;

type PartId = (typeof partIds)[number];

/** The page's parts that change, as HTML texts by the ids of their elements. */
export type PageParts = Readonly<Record<PartId, string>>;

/** The parts of a page, in which all that comes from outside is escaped. */
export function pageParts(view: PageView): PageParts {
  return {
    attention: textOf(attention(view)),
    summary: textOf(summary(view)),
    roles: textOf(rolesTable(view)),
    services: textOf(servicesTable(view)),
    hosts: textOf(hostsTable(view)),
    routes: textOf(routesTable(view)),
  };
}

/** What the title of a tab says: the bad things' count is seen without its page. */
export function pageTitle({ attention }: PageView): string {
  const bad = attention.filter((it) => it.level === 'bad').length;
  return bad === 0 ? 'vllmd hive' : `(${bad} down) vllmd hive`;
}

function attention({ attention, nowS, services }: PageView): Markup {
  if (attention.length === 0) {
    const text = services.length === 0 ? 'Nothing is registered yet' : 'Everything works';
    return html`<h2>${status(services.length === 0 ? 'off' : 'ok', text)}</h2>`;
  }
  const bad = attention.filter((it) => it.level === 'bad').length;
  const title = bad === 0 ? 'Nothing is down, but check' : `${bad} down`;
  return html`<h2>${status(bad === 0 ? 'warn' : 'bad', title)}</h2>
<ul class="attention">${attention.map((it) => attentionItem(it, nowS))}</ul>`;
}

const words = { ok: 'works', warn: 'check', bad: 'down', off: 'paused' } as const;

function attentionItem({ level, what, id, text, sinceS }: Attention, nowS: number): Markup {
  const since =
    sinceS === undefined
      ? undefined
      : html`<span class="since">${relativeTime(sinceS, nowS, 'for')}</span>`;
  return html`<li class="${level}">${status(level, words[level])}<span class="what">${what} <code>${id}</code></span>
<span class="why">${text}</span>${since}</li>
`;
}

function summary({ summary: it, startedAtS, nowS }: PageView): Markup {
  return html`<dl>${[
    count('Hosts online', it.hostsOnline, it.hosts),
    count('Services ready', it.servicesReady, it.services),
    count('Roles served', it.rolesServed, it.roles),
    html`<div><dt>Requests routed</dt><dd>${grouped(it.routed)}</dd></div>`,
    html`<div class="${it.errors > 0 ? 'short' : ''}"><dt>Errors</dt><dd>${grouped(it.errors)}</dd></div>`,
    html`<div><dt>Router up</dt><dd>${relativeTime(startedAtS, nowS, 'for')}</dd></div>`,
  ]}</dl>`;
}

function count(title: string, some: number, all: number): Markup {
  return html`<div class="${some < all ? 'short' : ''}"><dt>${title}</dt><dd>${some}<small> of ${all}</small></dd></div>`;
}
