import { isSensitive } from '../config/schema-keys.ts';
import { showValue } from '../config/show-value.ts';
import { visible } from '../control-characters.ts';
import { counted } from '../counted.ts';
import { keyPath } from '../diagnostic.ts';
import type { ReachedFile, ReachedLine } from '../explain/explain-keys.ts';
import type { ExplainedKey } from '../explain/explanation.ts';
import { pointerOf } from '../explain/tidy.ts';
import { linesInWords } from './explain-file.ts';
import { HIDDEN, paragraphs } from './explain-line.ts';
import { type ConfigPlaces, originFrame, originLabel } from './explain-origins.ts';
import type { Style } from './style.ts';
import type { Terminal } from './terminal.ts';
import { shortened } from './text-width.ts';
import { wrap } from './wrap.ts';

/** Of a line, however narrow the terminal is. */
const LEAST = 20;
/** Blanks and the bar around a number. */
const BETWEEN = 5;

/** A key with its value, and every line of every file that it reaches; paths are never cut. */
export function keyHuman(key: ExplainedKey, places: ConfigPlaces, terminal: Terminal): string {
  const { files, come } = key;
  const [first = '', ...excerpt] = head(key, places, terminal.style);
  const broken = (text: string) => wrap(text, terminal.width, '  ').join('\n');
  const lines = files.reduce((sum, file) => sum + file.lines.length, 0);
  return paragraphs([
    [broken(first), ...excerpt].join('\n'),
    ...files.map((file) => reached(file, terminal).join('\n')),
    come.length === 0
      ? ''
      : ['other values would make:', ...come.map((path) => `  ${path}`)].join('\n'),
    files.length + come.length === 0
      ? broken('it reaches no file of this config: with any other value the same bytes are written')
      : `${reaches(key)} ${lines === 0 ? '' : `${counted(lines, 'line')} of `}${counted(files.length, 'file')}`,
  ]);
}

function head(key: ExplainedKey, places: ConfigPlaces, style: Style): readonly string[] {
  const { origin } = key;
  const label = style.bold(keyPath(pointerOf(origin) ?? ''));
  switch (origin.kind) {
    case 'config':
      return [`${label}${written(key)}`, ...originFrame(origin, places, style).slice(1)];
    case 'default':
      return [`${label} is not set; the default is ${valueShown(key)}`];
    case 'unset':
      return [`${label} is not set, and has no default of its own`];
    case 'every':
    case 'host':
      return [originLabel(origin)];
  }
  return origin satisfies never;
}

function written(key: ExplainedKey): string {
  const shown = valueShown(key);
  return shown === '' ? '' : ` = ${shown}`;
}

/** '' for what the excerpt shows better. */
function valueShown({ origin, value }: ExplainedKey): string {
  if (isSensitive(pointerOf(origin) ?? '')) return HIDDEN;
  if (Array.isArray(value)) {
    return value.length > 4 ? `${value.length} items` : `[${value.map(showValue).join(', ')}]`;
  }
  return typeof value === 'object' || value === undefined ? '' : showValue(value);
}

function reaches({ origin }: ExplainedKey): string {
  return origin.kind === 'unset' ? 'if it were set it would change' : 'it reaches';
}

function reached(file: ReachedFile, terminal: Terminal): readonly string[] {
  const { style, width } = terminal;
  const { artefact, lines, missing, exists, named } = file;
  const isHidden = artefact.type === 'file' && artefact.sensitive;
  const notes = [
    ...(exists ? ['it is there because of it'] : []),
    ...(named ? ['its path follows from it'] : []),
  ];
  const note = notes.length === 0 ? '' : `  (${notes.join('; ')})`;
  const near = lines.filter(({ reach }) => reach === 'near');
  const far = lines.filter(({ reach }) => reach === 'far').map(({ number }) => number);
  const words = [
    ...(missing.length === 0 ? [] : [`  other values add lines behind ${linesInWords(missing)}`]),
    ...(far.length === 0
      ? []
      : [`  only a large change of it, such as to a bound, changes too: ${linesInWords(far)}`]),
  ];
  return [
    ...wrap(`${style.bold(artefact.path)}${note}`, width, '  '),
    ...nearLines(near, isHidden, terminal),
    ...words.flatMap((line) => wrap(line, width, '    ')),
  ];
}

function nearLines(
  lines: readonly ReachedLine[],
  isHidden: boolean,
  { style, width = Number.POSITIVE_INFINITY }: Terminal,
): readonly string[] {
  if (lines.length === 0) return [];
  if (isHidden) return [`  ${linesInWords(lines.map(({ number }) => number))} ${HIDDEN}`];
  const digits = String(lines.at(-1)?.number).length;
  const room = Math.max(LEAST, width - digits - BETWEEN);
  return lines.map(({ number, text }) => {
    const shown = shortened(visible(text), room);
    return `  ${style.cyan(String(number).padStart(digits))} ${style.dim('|')} ${shown}`.trimEnd();
  });
}
