import { visible } from '../control-characters.ts';
import type { ExplainedFile, Installed } from '../explain/explanation.ts';
import type { TextArtefact } from '../explain/scope.ts';
import type { Origin } from '../explain/variable.ts';
import {
  type ConfigPlaces,
  groupsOf,
  labelsOf,
  originFrame,
  originPlace,
  plainLabel,
} from './explain-origins.ts';
import type { Terminal } from './terminal.ts';
import { wrap } from './wrap.ts';

/** What a small step does not change: a bound, a list that is longer than any. */
export const FAR =
  'only a large change of these changes it too (a value at its bound, a NUMA node that is gone)';
export const HIDDEN = '(sensitive)';

const MOST_FRAMES = 6;

/** One line of a file with everything that it depends on. */
export function lineHuman(
  file: ExplainedFile,
  number: number,
  places: ConfigPlaces,
  { style, width }: Terminal,
): string {
  const { artefact, lines } = file;
  const broken = (text: string) => wrap(text, width, '  ').join('\n');
  const line = lines[number - 1];
  const text = artefact.type === 'file' && artefact.sensitive ? HIDDEN : (line?.text ?? '');
  const { near, far, unset } = groupsOf(line?.sources ?? []);
  const frames = near
    .slice(0, MOST_FRAMES)
    .map((origin) => originFrame(origin, places, style).join('\n'));
  const rest = labelsOf(near.slice(MOST_FRAMES));
  return paragraphs([
    `${style.bold(`${artefact.path}:${number}`)}\n  ${visible(text)}`,
    ...(near.length === 0 ? [broken(fixedText(artefact, [...far, ...unset]))] : frames),
    rest.length === 0 ? '' : broken(`and from ${rest.join(', ')}`),
    far.length === 0 ? '' : broken(`${FAR}: ${labelsOf(far).join(', ')}`),
    unset.length === 0 ? '' : broken(`not set, and would change it: ${labelsOf(unset).join(', ')}`),
    [...existence(file, places), ...installedNote(file.installed)].map(broken).join('\n'),
  ]);
}

export function paragraphs(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function fixedText(artefact: TextArtefact, others: readonly Origin[]): string {
  const from =
    artefact.type === 'file' && artefact.template !== undefined
      ? `the template ${artefact.template}`
      : 'vllmd itself';
  return others.length === 0
    ? `fixed text of ${from}: no key of the config and no fact of the host alone changes it`
    : `text of ${from}: nothing that the config sets and no fact of the host made it`;
}

/** Why there is such a file, and why at this path. */
export function existence(
  { exists, named }: ExplainedFile,
  places: ConfigPlaces,
): readonly string[] {
  const [first, ...others] = exists;
  const because =
    first !== undefined && others.length === 0
      ? `${plainLabel(first)} (${originPlace(first, places)})`
      : labelsOf(exists).join(', ');
  return [
    exists.length === 0
      ? 'the file is there for every config'
      : `the file is there because of ${because}`,
    ...(named.length === 0 ? [] : [`its path follows from ${labelsOf(named).join(', ')}`]),
  ];
}

/** What is explained is what would be rendered. */
export function installedNote(installed: Installed): readonly string[] {
  switch (installed) {
    case 'same':
      return [];
    case 'differs':
      return [
        'note: the file on the host differs; this is about what an install would write, and `vllmd install --dry-run` shows the difference',
      ];
    case 'absent':
      return ['note: the file is not on the host; an install would create it'];
    case 'unknown':
      return ['note: what lies there now could not be read, so it is not compared'];
  }
  return installed satisfies never;
}
