import { visible } from '../control-characters.ts';
import type { Policy, RuntimesFile } from '../fleet/runtimes-file.ts';
import type { Section } from '../fleet/shape.ts';
import type { Style } from './style.ts';
import { type Column, table } from './table.ts';

type Look = {
  readonly style: Style;
  /** Of the terminal; undefined where nothing is to be cut or broken. */
  readonly width: number | undefined;
};

/** One row an entry of a section; what goes first where a terminal is narrow has the lowest rank. */
export function fleetTable(section: Section, file: RuntimesFile, { style, width }: Look): string {
  const { titles, rows } = tables[section](file);
  const shown = rows.map((row) => row.map(visible));
  const { lines, leftOut } = table(titles, shown, width, style.bold);
  const note = leftOut.length === 0 ? [] : [`no room for ${leftOut.join(', ')}`];
  return `${[...lines, ...note].join('\n')}\n`;
}

type Rows = {
  readonly titles: readonly Column[];
  readonly rows: readonly (readonly string[])[];
};

const common: readonly Column[] = [
  { title: 'ID', least: 12 },
  { title: 'NAME', least: 12, rank: 1 },
  { title: 'ENABLED', rank: 4 },
];

const tables: Readonly<Record<Section, (file: RuntimesFile) => Rows>> = {
  hosts: ({ hosts }) => ({
    titles: [
      ...common,
      { title: 'TRANSPORT', rank: 3 },
      { title: 'HOST', least: 12, rank: 2 },
      { title: 'BACKENDS', least: 12, breaks: true },
    ],
    rows: hosts.map(({ id, display_name, enabled, transport, connection, capabilities }) => [
      ...[id, display_name, yesOrNo(enabled), transport],
      ...[connection.host ?? '-', policyText(capabilities.backends)],
    ]),
  }),
  backends: ({ backends }) => ({
    titles: [
      ...common,
      { title: 'TYPE', rank: 3 },
      { title: 'HOST_FILTERS', least: 12, breaks: true },
    ],
    rows: backends.map(({ id, display_name, enabled, type, host_filters }) => [
      ...[id, display_name, yesOrNo(enabled), type, policyText(host_filters)],
    ]),
  }),
  models: ({ models }) => ({
    titles: [
      ...common,
      { title: 'SOURCE', least: 16, rank: 2 },
      { title: 'HOSTS', least: 12, breaks: true },
      { title: 'BACKENDS', least: 12, breaks: true },
    ],
    rows: models.map(({ id, display_name, enabled, source, host_policy, backend_policy }) => [
      ...[id, display_name, yesOrNo(enabled), source],
      ...[policyText(host_policy), policyText(backend_policy)],
    ]),
  }),
};

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

function policyText(policy: Policy): string {
  if (policy === 'any') return policy;
  return policy.length === 0 ? '-' : policy.join(', ');
}
