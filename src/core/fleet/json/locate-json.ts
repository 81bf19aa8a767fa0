import { type Node, parseTree } from 'jsonc-parser';
import { below, type Diagnostic, type Note, type Position } from '../../diagnostic.ts';
import { positionsIn } from './positions.ts';

type Entry = { readonly key: Node; readonly value: Node };

const FIRST_CHARACTER: Position = { line: 1, column: 1, length: 1 };

/** Finds the key or the value that each pointer names; for what is not in the file, what is around it. */
export function locateJson(
  text: string,
  diagnostics: readonly Diagnostic[],
): readonly Diagnostic[] {
  const isKnown = diagnostics.every(({ position, notes }) => position !== undefined && !notes);
  if (isKnown) return diagnostics;
  const toPosition = positionsIn(text);
  const entries = entriesOf(text);
  const place = ({ pointer, mark, position }: Omit<Note, 'message'>, part?: Part): Position => {
    if (position !== undefined) return position;
    const node = nodeFor(entries, pointer, mark);
    if (node === undefined) return FIRST_CHARACTER;
    const isPart = part !== undefined && node.type === 'string' && node.length < LONGEST;
    const { offset, length } = isPart ? partOf(text, node, part) : node;
    return toPosition(offset, length);
  };
  return diagnostics.map((diagnostic) => {
    if (diagnostic.subject === 'host') return diagnostic;
    const { part, notes, ...rest } = diagnostic;
    const placed = { ...rest, position: place(diagnostic, part) };
    if (notes === undefined) return placed;
    return { ...placed, notes: notes.map((note) => ({ ...note, position: place(note) })) };
  });
}

type Part = NonNullable<Diagnostic['part']>;

/** Of a text whose parts are looked for. */
const LONGEST = 2 ** 16;

function nodeFor(
  entries: ReadonlyMap<string, Entry>,
  at: string,
  mark: Note['mark'],
): Node | undefined {
  const exact = entries.get(at);
  if (exact !== undefined) return mark === 'key' ? exact.key : exact.value;
  for (let around = at; around !== ''; ) {
    around = around.slice(0, around.lastIndexOf('/'));
    const entry = entries.get(around);
    // Of an object in a list its brace says more than all of it.
    if (entry !== undefined) return entry.key === entry.value ? brace(entry.value) : entry.key;
  }
  return undefined;
}

function brace(node: Node): Node {
  return { ...node, length: 1 };
}

/** Where a part of a text stands, which may have escapes before it. */
function partOf(
  text: string,
  { offset, length }: Node,
  { start, length: count }: Part,
): Pick<Node, 'offset' | 'length'> {
  const units = [...text.slice(offset + 1, offset + length - 1).matchAll(UNIT)];
  const end = offset + length - 1;
  const placeOf = (at: number) => {
    const unit = units[at];
    return unit === undefined ? end : offset + 1 + unit.index;
  };
  const from = placeOf(start);
  return { offset: from, length: placeOf(start + count) - from };
}

/** One code unit of a text as JSON writes it. */
const UNIT = /\\u[\da-fA-F]{4}|\\.|[^\\]/gs;

/** A key that an object has twice is where it counts, at its last. */
function entriesOf(text: string): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const root = parseTree(text);
  if (root !== undefined) addEntries(root, '', root, entries);
  return entries;
}

function addEntries(value: Node, at: string, key: Node, entries: Map<string, Entry>): void {
  entries.set(at, { key, value });
  const { type, children = [] } = value;
  for (const [index, child] of children.entries()) {
    const [name, content] = child.children ?? [];
    if (type === 'array') addEntries(child, `${at}/${index}`, child, entries);
    else if (name !== undefined && content !== undefined) {
      addEntries(content, below(at, String(name.value)), name, entries);
    }
  }
}
