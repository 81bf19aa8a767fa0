import { healthText } from './attention.ts';
import { html, type Markup } from './markup.ts';
import { table } from './page-table.ts';
import { relativeTime } from './page-time.ts';
import type { HostView, PageView, RoleView, RoutedRequest, ServiceView } from './page-view.ts';
import { status } from './status.ts';

const none = html`<span class="none" aria-label="not known">–</span>`;

export function rolesTable({ roles }: PageView): Markup {
  return table({
    caption: 'Roles',
    note: 'where a request for each goes now',
    columns: [{ title: 'Role' }, { title: 'Operation' }, { title: 'Goes to' }],
    empty: 'No roles are defined: clients ask for services and assets by their ids.',
    lines: roles.map((it) => ({
      level: 'reason' in it.target ? 'bad' : '',
      cells: [named(it.id, it.name), html`${it.operation}`, targetCell(it)],
    })),
  });
}

function targetCell({ target }: RoleView): Markup {
  if ('reason' in target) return status('bad', `nothing: ${target.reason}`);
  if (target.fallbackVia === undefined) return html`<code>${target.serviceId}</code>`;
  return html`<code>${target.serviceId}</code> ${status('warn', `fallback ${target.fallbackVia}`)}`;
}

export function servicesTable({ services, nowS }: PageView): Markup {
  return table({
    caption: 'Services',
    note: 'routed and errors: since this router has started',
    columns: [
      { title: 'Service' },
      { title: 'Health' },
      { title: 'Assets' },
      { title: 'p50 / p95 ms', isNumber: true },
      { title: 'Tokens/s', isNumber: true },
      { title: 'Queue / in flight', isNumber: true },
      { title: 'Routed', isNumber: true },
      { title: 'Errors', isNumber: true },
    ],
    empty: 'No service is registered yet: hosts register theirs with POST /v1/nodes/register.',
    lines: services.map((it) => ({ level: it.level, cells: serviceCells(it, nowS) })),
  });
}

function serviceCells(it: ServiceView, nowS: number): readonly Markup[] {
  const engine = it.engine === undefined ? '' : ` · ${it.engine}`;
  return [
    html`<code>${it.id}</code><span class="under">${it.host} · ${it.kind}${engine}</span>`,
    healthCell(it, nowS),
    assetsCell(it),
    pair(whole(it.p50Ms), whole(it.p95Ms)),
    measured(it.tokensPerS),
    pair(measured(it.queue), measured(it.inFlight)),
    html`${grouped(it.routed)}`,
    it.errors === 0 ? html`0` : html`<strong class="errors">${grouped(it.errors)}</strong>`,
  ];
}

// A healthy service that gets no work is told by what keeps the work away: a cross before "healthy" would mislead.
function healthCell(it: ServiceView, nowS: number): Markup {
  const { source, sinceS } = it.health;
  const since = sinceS === undefined ? undefined : html`, ${relativeTime(sinceS, nowS, 'for')}`;
  const text = healthText(it);
  if (text === 'healthy' && it.level !== 'ok') {
    const verdict = status(it.level, it.obstacle ?? it.availability);
    return html`${verdict}<span class="under">healthy, ${source}${since}</span>`;
  }
  const why = it.obstacle === undefined || it.obstacle === text ? it.availability : it.obstacle;
  const obstacle = why === 'available' ? undefined : html`<span class="under why">${why}</span>`;
  return html`${status(it.level, text)}<span class="under">${source}${since}</span>${obstacle}`;
}

function assetsCell({ assets }: ServiceView): Markup {
  if (assets.length === 0) return none;
  const items = assets.map(({ id, isLoaded }) => {
    return html`<li><code>${id}</code> <span class="tag">${isLoaded ? 'loaded' : 'not loaded'}</span></li>`;
  });
  return html`<ul class="plain">${items}</ul>`;
}

export function hostsTable({ hosts, nowS }: PageView): Markup {
  return table({
    caption: 'Hosts',
    note: 'each tells of itself with its heartbeat',
    columns: [
      { title: 'Host' },
      { title: 'State' },
      { title: 'Last seen' },
      { title: 'GPUs' },
      { title: 'Metrics' },
    ],
    empty: 'No host is registered yet: hosts register with POST /v1/nodes/register.',
    lines: hosts.map((it) => ({ level: it.level, cells: hostCells(it, nowS) })),
  });
}

function hostCells(it: HostView, nowS: number): readonly Markup[] {
  return [
    html`${named(it.id, it.name)}<span class="under">${it.address}</span>`,
    status(it.level, it.isStale ? `silent, was ${it.state}` : it.state),
    relativeTime(it.lastSeenS, nowS, 'ago'),
    it.gpus.length === 0
      ? none
      : html`<ul class="plain">${it.gpus.map((gpu) => html`<li>${gpu}</li>`)}</ul>`,
    it.metrics.length === 0 ? none : html`<ul class="plain">${it.metrics.map(metric)}</ul>`,
  ];
}

function metric({ name, value }: HostView['metrics'][number]): Markup {
  return html`<li><span class="key">${name}</span> ${measured(value)}</li>`;
}

export function routesTable({ routes, nowS }: PageView): Markup {
  return table({
    caption: 'Recent requests',
    note: 'the latest first',
    columns: [
      { title: 'Asked for' },
      { title: 'Went to' },
      { title: 'Status' },
      { title: 'Took', isNumber: true },
      { title: 'When', isNumber: true },
    ],
    empty: 'No request has come since this router has started.',
    lines: routes.map((it) => ({ level: '', cells: routeCells(it, nowS) })),
  });
}

function routeCells(it: RoutedRequest, nowS: number): readonly Markup[] {
  const retried = it.isRetried ? html` <span class="tag">retried</span>` : undefined;
  return [
    html`<code>${it.requested}</code>`,
    it.serviceId === undefined ? html`no service` : html`<code>${it.serviceId}</code>`,
    html`${statusOf(it.status)}${retried}`,
    milliseconds(it.milliseconds),
    relativeTime(it.atS, nowS, 'ago'),
  ];
}

function statusOf(code: number): Markup {
  if (code >= 500) return status('bad', String(code));
  return status(code >= 400 ? 'warn' : 'ok', String(code));
}

function named(id: string, name: string | undefined): Markup {
  return name === undefined || name === id
    ? html`<code>${id}</code>`
    : html`<code>${id}</code><span class="under">${name}</span>`;
}

function pair(one: Markup, other: Markup): Markup {
  return one === none && other === none ? none : html`<span>${one} / ${other}</span>`;
}

function milliseconds(value: number): Markup {
  return value < 10_000 ? html`${Math.round(value)} ms` : html`${(value / 1000).toFixed(1)} s`;
}

function whole(value: number | undefined): Markup {
  return measured(value === undefined ? undefined : Math.round(value));
}

function measured(value: number | undefined): Markup {
  return value === undefined ? none : html`${grouped(Math.round(value * 10) / 10)}`;
}

/** Thousands apart, by a space that does not break. */
export function grouped(value: number): string {
  const [whole = '', fraction] = String(value).split('.');
  const apart = whole.replace(/\B(?=(\d{3})+$)/g, '\u00a0');
  return fraction === undefined ? apart : `${apart}.${fraction}`;
}
