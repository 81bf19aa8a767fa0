import { visible } from '../control-characters.ts';
import type { Diagnostic, Position } from '../diagnostic.ts';
import { excerpt } from './excerpt.ts';
import type { Style } from './style.ts';

/** The file the diagnostics are about. */
export type Source = {
  /** As the user named it. */
  readonly file: string;
  readonly text: string;
};

const MOST_SHOWN = 50;

/** One frame a diagnostic, in the order of the file, and a last line that counts them. */
export function diagnosticsHuman(
  diagnostics: readonly Diagnostic[],
  source: Source,
  style: Style,
): string {
  if (diagnostics.length === 0) return '';
  const lines = source.text.split(/\r?\n/);
  const file = visible(source.file);
  const frames = [...diagnostics]
    .sort(byPosition)
    .slice(0, MOST_SHOWN)
    .map((diagnostic) => frame(diagnostic, file, lines, style));
  const rest = diagnostics.length - frames.length;
  const more = rest > 0 ? [`… and ${rest} more`] : [];
  const isOfHost = diagnostics.every(({ subject }) => subject === 'host');
  const where = isOfHost ? 'this host' : file;
  return `${[...frames, ...more, `${total(diagnostics)} in ${where}`].join('\n\n')}\n`;
}

function byPosition({ position: a }: Diagnostic, { position: b }: Diagnostic): number {
  if (a === undefined || b === undefined) return (a ? 0 : 1) - (b ? 0 : 1);
  return a.line - b.line || a.column - b.column;
}

function frame(
  diagnostic: Diagnostic,
  file: string,
  lines: readonly string[],
  style: Style,
): string {
  const { severity, rule, message, detail = [], help, position } = diagnostic;
  const colour = severity === 'error' ? style.red : style.yellow;
  const margin = ' '.repeat(String(position?.line ?? 0).length);
  const place = position === undefined ? file : `${file}:${position.line}:${position.column}`;
  return [
    `${style.bold(colour(`${severity}[${rule}]`))}${style.bold(`: ${visible(message)}`)}`,
    ...(diagnostic.subject === 'host' ? [] : [`${margin}${style.cyan('-->')} ${place}`]),
    ...(position === undefined ? [] : excerptLines(position, lines, margin, colour, style)),
    ...detail.map((line) => `${margin}   ${visible(line)}`),
    ...(help === undefined ? [] : helpLines(help, margin, style)),
  ].join('\n');
}

function excerptLines(
  position: Position,
  lines: readonly string[],
  margin: string,
  colour: (text: string) => string,
  style: Style,
): readonly string[] {
  const source = lines[position.line - 1];
  if (source === undefined) return [];
  const { line, carets } = excerpt(source, position);
  const bar = style.cyan('|');
  const gap = carets.slice(0, carets.indexOf('^'));
  return [
    `${margin} ${bar}`,
    `${style.cyan(String(position.line))} ${bar} ${line}`.trimEnd(),
    `${margin} ${bar} ${gap}${colour(carets.slice(gap.length))}`,
  ];
}

function helpLines(help: string, margin: string, style: Style): readonly string[] {
  const [first = '', ...others] = help.split('\n').map(visible);
  const indent = `${margin}   ${' '.repeat('help: '.length)}`;
  return [
    `${margin} ${style.cyan('=')} ${style.bold('help')}: ${first}`,
    ...others.map((line) => `${indent}${line}`.trimEnd()),
  ];
}

function total(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length;
  return [counted(errors, 'error'), counted(diagnostics.length - errors, 'warning')]
    .filter((text) => text !== '')
    .join(', ');
}

function counted(count: number, noun: string): string {
  if (count === 0) return '';
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
