import { isSensitive } from '../config/schema-keys.ts';
import { showValue } from '../config/show-value.ts';
import { visible } from '../control-characters.ts';
import { keyPath } from '../diagnostic.ts';
import type { ReachedFile, ReachedLine } from '../explain/explain-keys.ts';
import type { ExplainedKey } from '../explain/explanation.ts';
import { pointerOf } from '../explain/tidy.ts';
import { counted } from './counted.ts';
import { linesInWords } from './explain-file.ts';
import { HIDDEN, paragraphs } from './explain-line.ts';
import { type ConfigPlaces, originFrame, originLabel } from './explain-origins.ts';
import type { Style } from './style.ts';

/** A key with its value, and every line of every file that it reaches. */
export function keyHuman(key: ExplainedKey, places: ConfigPlaces, style: Style): string {
  const { files, come } = key;
  const lines = files.reduce((sum, file) => sum + file.lines.length, 0);
  return paragraphs([
    head(key, places, style).join('\n'),
    ...files.map((file) => reached(file, style).join('\n')),
    come.length === 0
      ? ''
      : ['other values would make:', ...come.map((path) => `  ${path}`)].join('\n'),
    files.length + come.length === 0
      ? 'it reaches no file of this config: with any other value the same bytes are written'
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

function reached(file: ReachedFile, style: Style): readonly string[] {
  const { artefact, lines, missing, exists, named } = file;
  const isHidden = artefact.type === 'file' && artefact.sensitive;
  const notes = [
    ...(exists ? ['it is there because of it'] : []),
    ...(named ? ['its path follows from it'] : []),
  ];
  const note = notes.length === 0 ? '' : `  (${notes.join('; ')})`;
  const near = lines.filter(({ reach }) => reach === 'near');
  const far = lines.filter(({ reach }) => reach === 'far').map(({ number }) => number);
  return [
    `${style.bold(artefact.path)}${note}`,
    ...nearLines(near, isHidden, style),
    ...(missing.length === 0 ? [] : [`  other values add lines behind ${linesInWords(missing)}`]),
    ...(far.length === 0
      ? []
      : [`  only a large change of it, such as to a bound, changes too: ${linesInWords(far)}`]),
  ];
}

function nearLines(
  lines: readonly ReachedLine[],
  isHidden: boolean,
  style: Style,
): readonly string[] {
  if (lines.length === 0) return [];
  if (isHidden) return [`  ${linesInWords(lines.map(({ number }) => number))} ${HIDDEN}`];
  const digits = String(lines.at(-1)?.number).length;
  return lines.map(({ number, text }) =>
    `  ${style.cyan(String(number).padStart(digits))} ${style.dim('|')} ${visible(text)}`.trimEnd(),
  );
}
