import { visible } from '../control-characters.ts';
import { counted } from '../counted.ts';
import type { Diagnostic, Note, Position } from '../diagnostic.ts';
import { byPosition } from './by-position.ts';
import { excerpt } from './excerpt.ts';
import type { Style } from './style.ts';

/** The file the diagnostics are about. */
export type Source = {
  /** As the user named it. */
  readonly file: string;
  readonly text: string;
  /** How the host is called, where it is not this one. */
  readonly host?: string;
  /** The diagnostics are told in the order in which they are given; else in that of the file. */
  readonly isInOrder?: true;
};

/** What the parts of one frame have in common. */
type Frame = {
  readonly file: string;
  readonly lines: readonly string[];
  /** Blanks as wide as the longest line number. */
  readonly margin: string;
  readonly style: Style;
};

const MOST_SHOWN = 50;

/** One frame a diagnostic, in the order of the file, a line that counts them, and where more is said. */
export function diagnosticsHuman(
  diagnostics: readonly Diagnostic[],
  source: Source,
  style: Style,
): string {
  if (diagnostics.length === 0) return '';
  const shown = diagnosticFrames(diagnostics, source, style);
  const rest = diagnostics.length - shown.length;
  const more = rest > 0 ? [`… and ${rest} more`] : [];
  const isOfHost = diagnostics.every(({ subject }) => subject === 'host');
  const where = isOfHost ? (source.host ?? 'this host') : visible(source.file);
  const end = `${total(diagnostics)} in ${where}\n${explainHint(diagnostics, style)}`;
  return `${[...shown, ...more, end].join('\n\n')}\n`;
}

/** The first of them, one text each. */
export function diagnosticFrames(
  diagnostics: readonly Diagnostic[],
  { file, text, isInOrder }: Source,
  style: Style,
): readonly string[] {
  const lines = text.split(/\r?\n/);
  const sorted = isInOrder === true ? diagnostics : diagnostics.toSorted(byPosition);
  const first = sorted.slice(0, MOST_SHOWN);
  return first.map((diagnostic) => {
    const places = [diagnostic, ...(diagnostic.notes ?? [])].map(({ position }) => position);
    const width = String(Math.max(...places.map((position) => position?.line ?? 0))).length;
    return frame(diagnostic, { file: visible(file), lines, margin: ' '.repeat(width), style });
  });
}

function frame(diagnostic: Diagnostic, context: Frame): string {
  const { severity, rule, message, subject, detail = [], notes = [], help } = diagnostic;
  const { margin, style } = context;
  const colour = severity === 'error' ? style.red : style.yellow;
  return [
    `${style.bold(colour(`${severity}[${rule}]`))}${style.bold(`: ${visible(message)}`)}`,
    ...(subject === 'host' ? [] : placeLines(diagnostic, colour, context)),
    ...detail.map((line) => `${margin}   ${visible(line)}`),
    ...notes.flatMap((note) => [
      `${style.bold(style.cyan('note'))}: ${visible(note.message)}`,
      ...placeLines(note, style.cyan, context),
    ]),
    ...(help === undefined ? [] : helpLines(help, context)),
  ].join('\n');
}

/** One place of a file with its excerpt. */
export function placeFrame(
  position: Position,
  { file, text }: Source,
  style: Style,
): readonly string[] {
  const margin = ' '.repeat(String(position.line).length);
  const frame = { file: visible(file), lines: text.split(/\r?\n/), margin, style };
  return placeLines({ position }, style.cyan, frame);
}

function placeLines(
  { position }: Pick<Note, 'position'>,
  colour: (text: string) => string,
  context: Frame,
): readonly string[] {
  const { file, margin, style } = context;
  const place = position === undefined ? file : `${file}:${position.line}:${position.column}`;
  const arrow = `${margin}${style.cyan('-->')} ${place}`;
  return position === undefined ? [arrow] : [arrow, ...excerptLines(position, colour, context)];
}

function excerptLines(
  position: Position,
  colour: (text: string) => string,
  { lines, margin, style }: Frame,
): readonly string[] {
  const source = lines[position.line - 1];
  if (source === undefined) return [];
  const { line, carets } = excerpt(source, position);
  const bar = style.cyan('|');
  const gap = carets.slice(0, carets.indexOf('^'));
  const number = String(position.line).padStart(margin.length);
  return [
    `${margin} ${bar}`,
    `${style.cyan(number)} ${bar} ${line}`.trimEnd(),
    `${margin} ${bar} ${gap}${colour(carets.slice(gap.length))}`,
  ];
}

function helpLines(help: string, { margin, style }: Frame): readonly string[] {
  const [first = '', ...others] = help.split('\n').map(visible);
  const indent = `${margin}   ${' '.repeat('help: '.length)}`;
  return [
    `${margin} ${style.cyan('=')} ${style.bold('help')}: ${first}`,
    ...others.map((line) => `${indent}${line}`.trimEnd()),
  ];
}

function total(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = diagnostics.length - errors;
  return [
    ...(errors > 0 ? [counted(errors, 'error')] : []),
    ...(warnings > 0 ? [counted(warnings, 'warning')] : []),
  ].join(', ');
}

function explainHint(diagnostics: readonly Diagnostic[], style: Style): string {
  const [first = '', ...others] = new Set(diagnostics.map(({ rule }) => rule));
  const more =
    others.length === 0
      ? `\`vllmd explain ${first}\` says more`
      : `\`vllmd explain RULE\` says more about each, such as ${first}`;
  return `${style.bold('help')}: ${more}`;
}
