import { diffArrays } from 'diff';
import { placedLines } from './json-lines.ts';
import { linesOf, type TextArtefact } from './scope.ts';

/** How one text became another one, by numbers of its lines, from 1. */
export type LineChanges = {
  /** Lines that change or go. */
  readonly changed: readonly number[];
  /** Lines behind which others come; 0 is the start. */
  readonly added: readonly number[];
};

const none: LineChanges = { changed: [], added: [] };

export function lineChanges(before: TextArtefact, after: TextArtefact): LineChanges {
  if (before.type === 'file' && after.type === 'file' && before.text === after.text) return none;
  const [old, now] = [linesOf(before), linesOf(after)];
  const isJson = before.type === 'file' && before.kind === 'vm';
  return isJson ? changesOfJson(old, now) : changesOfText(old, now);
}

/** By the place of each line: what stands between has no part in it. */
function changesOfJson(before: readonly string[], after: readonly string[]): LineChanges {
  const old = placedLines(before);
  const now = placedLines(after);
  const texts = new Map(now.map(({ place, text }) => [place, text]));
  const numbers = new Map(old.map(({ place }, at) => [place, at + 1]));
  const added = new Set<number>();
  let last = 0;
  for (const { place } of now) {
    const number = numbers.get(place);
    if (number === undefined) added.add(last);
    else last = number;
  }
  return {
    changed: old.flatMap(({ place, text }, at) => (texts.get(place) === text ? [] : [at + 1])),
    added: [...added],
  };
}

function changesOfText(before: readonly string[], after: readonly string[]): LineChanges {
  const changed: number[] = [];
  const added: number[] = [];
  let line = 0;
  let isReplaced = false;
  for (const part of diffArrays([...before], [...after])) {
    const { length } = part.value;
    if (part.removed) changed.push(...Array.from({ length }, (_, at) => line + at + 1));
    // What takes the place of a line is that line, changed.
    if (part.added && !isReplaced) added.push(line);
    isReplaced = part.removed;
    if (!part.added) line += length;
  }
  return { changed, added };
}
