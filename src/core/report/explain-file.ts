import { visible } from '../control-characters.ts';
import type { ExplainedFile } from '../explain/explanation.ts';
import { pointerOf } from '../explain/tidy.ts';
import type { Origin } from '../explain/variable.ts';
import { ranges } from '../placement/place.ts';
import { columns } from './columns.ts';
import { existence, FAR, HIDDEN, installedNote, paragraphs } from './explain-line.ts';
import {
  type ConfigPlaces,
  folded,
  groupsOf,
  labelsOf,
  originLabel,
  originPlace,
} from './explain-origins.ts';
import type { Style } from './style.ts';

const WIDEST = 34;
/** One line asked for alone is shown whole. */
const LONGEST = 120;

/** A whole file: what each line is from in its margin, and below it where these values are. */
export function fileHuman(file: ExplainedFile, places: ConfigPlaces, style: Style): string {
  return paragraphs([
    [heading(file, style), ...existence(file, places), ...installedNote(file.installed)].join('\n'),
    margins(file, style).join('\n'),
    legend(file, places).join('\n'),
  ]);
}

function heading({ artefact }: ExplainedFile, style: Style): string {
  const path = style.bold(artefact.path);
  if (artefact.type === 'link') return `${path}  link that enables ${artefact.unit}`;
  const { mode, owner, template } = artefact;
  const by = template === undefined ? '' : `  template ${template}`;
  return `${path}  mode ${mode.toString(8).padStart(4, '0')}  owner ${owner.user}:${owner.group}${by}`;
}

function margins({ artefact, lines }: ExplainedFile, style: Style): readonly string[] {
  const isHidden = artefact.type === 'file' && artefact.sensitive;
  const rows = lines.map(({ number, text, sources }) => ({
    number: String(number),
    from: margin(groupsOf(sources).near),
    text: isHidden ? HIDDEN : cut(visible(text)),
  }));
  const digits = String(lines.length).length;
  const width = rows.reduce((most, { from }) => Math.max(most, from.length), 0);
  return rows.map(({ number, from, text }) =>
    `${number.padStart(digits)}  ${style.cyan(from.padEnd(width))} ${style.dim('|')} ${text}`.trimEnd(),
  );
}

function cut(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** `runtimes[0].cpus +2` */
function margin(origins: readonly Origin[]): string {
  const labels = labelsOf(origins);
  const [first] = labels;
  if (first === undefined) return '';
  const more = labels.length > 1 ? ` +${labels.length - 1}` : '';
  const room = WIDEST - more.length;
  return `${first.length > room ? `${first.slice(0, room - 1)}…` : first}${more}`;
}

type Row = { readonly label: string; readonly place: string; readonly lines: number[] };

/** Each source once, in the order in which they are met, with its lines. */
function legend({ lines, missing }: ExplainedFile, places: ConfigPlaces): readonly string[] {
  const grouped = lines.map(({ number, sources }) => ({ number, ...groupsOf(sources) }));
  const rowsOf = (part: 'near' | 'far' | 'unset') =>
    rows(
      grouped.map((groups) => ({ number: groups.number, origins: groups[part] })),
      places,
    );
  const absent = missing.map(({ after, sources }) => ({
    number: after,
    origins: sources.filter(({ reach }) => reach === 'near').map(({ origin }) => origin),
  }));
  return [
    ...section('where it is from', rowsOf('near')),
    ...section(FAR, rowsOf('far')),
    ...section('not set, and would change', rowsOf('unset')),
    ...section('other values would add lines behind', rows(absent, places)),
  ];
}

type Met = { readonly number: number; readonly origins: readonly Origin[] };

function rows(met: readonly Met[], places: ConfigPlaces): ReadonlyMap<string, Row> {
  const found = new Map<string, Row>();
  for (const { number, origins } of met) {
    for (const origin of origins) noteRow(found, origin, number, places);
  }
  return found;
}

function noteRow(
  found: Map<string, Row>,
  origin: Origin,
  line: number,
  places: ConfigPlaces,
): void {
  const key = pointerOf(origin) ?? originPlace(origin, places);
  const row = found.get(key) ?? {
    label: originLabel(origin),
    place: origin.kind === 'unset' ? '' : originPlace(origin, places),
    lines: [],
  };
  row.lines.push(line);
  found.set(key, row);
}

function section(title: string, found: ReadonlyMap<string, Row>): readonly string[] {
  if (found.size === 0) return [];
  const cells = together([...found.values()]).map(({ label, place, lines }) => [
    label,
    linesInWords(lines),
    place,
  ]);
  return [`${title}:`, ...columns(cells, '  ')];
}

const MOST_RANGES = 4;

/** `lines 3-4,7`; of many only the first. */
export function linesInWords(lines: readonly number[]): string {
  const parts = ranges(lines).split(',');
  if (lines.length === 1) return `line ${parts.join()}`;
  if (parts.length <= MOST_RANGES) return `lines ${parts.join(',')}`;
  return `lines ${parts.slice(0, MOST_RANGES - 1).join(',')},… (${lines.length})`;
}

const MOST_ALIKE = 3;

/** The same key of many runtimes, or the same fact of many devices, at the same lines, is one row. */
function together(all: readonly Row[]): readonly Row[] {
  const alike = new Map<string, Row[]>();
  for (const row of all) {
    const isFact = row.label.startsWith('host:');
    const key = `${folded(row.label)} ${isFact ? folded(row.place) : ''} ${row.lines.join(',')}`;
    alike.set(key, [...(alike.get(key) ?? []), row]);
  }
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.length <= MOST_ALIKE) return group;
    const more = `${group.length - 1} more`;
    const place = first.place === '' ? more : `${first.place} and ${more}`;
    return [{ ...first, label: folded(first.label), place }];
  });
}
