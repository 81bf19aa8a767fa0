import type { Diagnostic, Note, Position } from '../../diagnostic.ts';
import { positionsIn } from '../../fleet/json/positions.ts';
import { parseText } from './parse-text.ts';
import type { Places, Stretch } from './tree.ts';

const FIRST_CHARACTER: Position = { line: 1, column: 1, length: 1 };

/** Finds the key or the value that each pointer names; for what is not in the file, what is around it. */
export function locateText(
  text: string,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] {
  const isKnown = diagnostics.every(({ position, notes }) => position !== undefined && !notes);
  if (isKnown) return diagnostics;
  const parsed = parseText(text);
  const places: Places = parsed.ok ? parsed.value.places : new Map();
  const toPosition = positionsIn(text);
  const placed = <Placed extends Omit<Note, 'message'>>(one: Placed): Placed => {
    if (one.position !== undefined) return one;
    const found = stretchFor(places, one.pointer, one.mark);
    const position = found === undefined ? FIRST_CHARACTER : toPosition(found.offset, found.length);
    return { ...one, position };
  };
  return diagnostics.map((diagnostic) => {
    const { notes } = diagnostic;
    return { ...placed(diagnostic), ...(notes === undefined ? {} : { notes: notes.map(placed) }) };
  });
}

function stretchFor(places: Places, at: string, mark: Note['mark']): Stretch | undefined {
  const exact = places.get(at);
  if (exact !== undefined && at !== '') return mark === 'key' ? exact.key : exact.value;
  for (let around = at; around !== ''; ) {
    around = around.slice(0, around.lastIndexOf('/'));
    const place = places.get(around);
    if (place !== undefined) return shortOf(place);
  }
  return exact === undefined ? undefined : shortOf(exact);
}

/** Of an item of a list, and of the whole file, its first character says more than all of it. */
function shortOf({ key, value }: { readonly key: Stretch; readonly value: Stretch }): Stretch {
  return key.offset === value.offset ? { offset: value.offset, length: 1 } : key;
}
