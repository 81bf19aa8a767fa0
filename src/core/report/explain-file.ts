import { visible } from '../control-characters.ts';
import type { ExplainedFile } from '../explain/explanation.ts';
import { pointerOf } from '../explain/tidy.ts';
import type { Origin } from '../explain/variable.ts';
import { ranges } from '../placement/place.ts';
import { hangingColumns } from './columns.ts';
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
import type { Terminal } from './terminal.ts';
import { shortened } from './text-width.ts';
import { wrap } from './wrap.ts';

const WIDEST = 34;
/** Of a column, however narrow the terminal is. */
const LEAST = 20;
/** Blanks and the bar between the columns. */
const BETWEEN = 5;

/** A whole file: what each line is from in its margin, and below it where these values are. */
export function fileHuman(file: ExplainedFile, places: ConfigPlaces, terminal: Terminal): string {
  const { style, width } = terminal;
  const head = [heading(file, style), ...existence(file, places), ...installedNote(file.installed)];
  return paragraphs([
    head.flatMap((line) => wrap(line, width, '  ')).join('\n'),
    margins(file, terminal).join('\n'),
    legend(file, places, width).join('\n'),
  ]);
}

function heading({ artefact }: ExplainedFile, style: Style): string {
  const path = style.bold(artefact.path);
  if (artefact.type === 'link') return `${path}  link that enables ${artefact.unit}`;
  const { mode, owner, template } = artefact;
  const by = template === undefined ? '' : `  template ${template}`;
  return `${path}  mode ${mode.toString(8).padStart(4, '0')}  owner ${owner.user}:${owner.group}${by}`;
}

function margins({ artefact, lines }: ExplainedFile, terminal: Terminal): readonly string[] {
  const { style, width: columns = Number.POSITIVE_INFINITY } = terminal;
  const widest = Math.max(LEAST, Math.min(WIDEST, Math.floor(columns / 3)));
  const isHidden = artefact.type === 'file' && artefact.sensitive;
  const rows = lines.map(({ number, text, sources }) => ({
    number: String(number),
    from: margin(groupsOf(sources).near, widest),
    text: isHidden ? HIDDEN : visible(text),
  }));
  const digits = String(lines.length).length;
  const width = rows.reduce((most, { from }) => Math.max(most, from.length), 0);
  const room = Math.max(LEAST, columns - digits - width - BETWEEN);
  return rows.map(({ number, from, text }) =>
    `${number.padStart(digits)}  ${style.cyan(from.padEnd(width))} ${style.dim('|')} ${shortened(text, room)}`.trimEnd(),
  );
}

/** `runtimes[0].cpus +2` */
function margin(origins: readonly Origin[], widest: number): string {
  const labels = labelsOf(origins);
  const [first] = labels;
  if (first === undefined) return '';
  const more = labels.length > 1 ? ` +${labels.length - 1}` : '';
  const room = widest - more.length;
  return `${first.length > room ? `${first.slice(0, room - 1)}…` : first}${more}`;
}

type Row = { readonly label: string; readonly place: string; readonly lines: number[] };

/** Each source once, in the order in which they are met, with its lines. */
function legend(
  { lines, missing }: ExplainedFile,
  places: ConfigPlaces,
  width: number | undefined,
): readonly string[] {
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
    ...section('where it is from', rowsOf('near'), width),
    ...section(FAR, rowsOf('far'), width),
    ...section('not set, and would change', rowsOf('unset'), width),
    ...section('other values would add lines behind', rows(absent, places), width),
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

function section(
  title: string,
  found: ReadonlyMap<string, Row>,
  width: number | undefined,
): readonly string[] {
  if (found.size === 0) return [];
  const cells = together([...found.values()]).map(({ label, place, lines }) => [
    label,
    linesInWords(lines),
    place,
  ]);
  return [`${title}:`, ...hangingColumns(cells, width, '  ')];
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
