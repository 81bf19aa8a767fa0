import { type AST, parseTOML } from 'toml-eslint-parser';
import { type Diagnostic, type Note, type Position, pointer } from '../diagnostic.ts';
import { MASK } from './mask-sensitive.ts';

/** Where an entry is written; a table made by a header has its key as its value. */
type Entry = { readonly key: Position; readonly value: Position };

/** A thousand times a real config; beyond it the second parser takes seconds and gigabytes. */
const MAX_LENGTH = 2 ** 20;

const FIRST_CHARACTER: Position = { line: 1, column: 1, length: 1 };

/**
 * Finds the key or the value that each pointer names; for what is not in the file, the nearest table
 * around it. Slow to load and to run, so only for problems that are going to be printed.
 */
export function locate(text: string, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const isKnown = diagnostics.every(({ position, notes }) => position !== undefined && !notes);
  const entries = isKnown ? new Map<string, Entry>() : entriesOf(readable(text, diagnostics));
  return diagnostics.map((diagnostic) =>
    diagnostic.subject === 'host' ? diagnostic : located(diagnostic, entries),
  );
}

/** Where each of these pointers is written: a value, of a table its header; for what is not in the file as `locate`. */
export function placesOf(text: string, pointers: readonly string[]): ReadonlyMap<string, Position> {
  const entries = entriesOf(text);
  return new Map(pointers.map((pointer) => [pointer, find(entries, { pointer })]));
}

function located(diagnostic: Diagnostic, entries: ReadonlyMap<string, Entry>): Diagnostic {
  const placed = { ...diagnostic, position: find(entries, diagnostic) };
  if (diagnostic.notes === undefined) return placed;
  // A note is for its place alone.
  const notes = diagnostic.notes
    .filter((note) => note.position !== undefined || entries.has(note.pointer))
    .map((note) => ({ ...note, position: find(entries, note) }));
  const { notes: _, ...rest } = placed;
  return notes.length === 0 ? rest : { ...rest, notes };
}

/** Of a text with syntax errors, which neither parser reads: what stands above the last, without the lines of the others. */
function readable(text: string, diagnostics: readonly Diagnostic[]): string {
  const broken = diagnostics.flatMap(({ rule, position }) =>
    rule === 'toml-syntax' && position !== undefined ? [position.line] : [],
  );
  if (broken.length === 0) return text;
  const above = text.split('\n').slice(0, Math.max(...broken) - 1);
  return above.map((line, index) => (broken.includes(index + 1) ? '' : line)).join('\n');
}

function find(
  entries: ReadonlyMap<string, Entry>,
  { pointer: at, mark, position }: Omit<Note, 'message'>,
) {
  if (position !== undefined) return position;
  const exact = entries.get(at);
  if (exact !== undefined) return mark === 'key' ? exact.key : exact.value;
  let around = at;
  while (around !== '') {
    around = around.slice(0, around.lastIndexOf('/'));
    const entry = entries.get(around);
    if (entry !== undefined) return entry.key;
  }
  return FIRST_CHARACTER;
}

function entriesOf(text: string): ReadonlyMap<string, Entry> {
  const entries = new Map<string, Entry>();
  const tables = text.length > MAX_LENGTH ? [] : tablesOf(text);
  const add: Add = (at, entry) => {
    // A later header of the same array would hide the first one.
    if (!entries.has(at)) entries.set(at, entry);
  };
  const lines = text.split(/\r?\n/);
  for (const table of tables) walkTopLevel(table, positions(lines), add);
  return entries;
}

/** A masked number is no TOML, but a number of its length stands at the same place. */
function tablesOf(text: string): readonly AST.TOMLTopLevelTable[] {
  for (const variant of [text, text.replaceAll(MASK, '1')]) {
    try {
      return parseTOML(variant).body;
    } catch {
      // The text passed another parser before; where this one disagrees, line 1 has to do.
    }
  }
  return [];
}

type Add = (at: string, entry: Entry) => void;
type ToPosition = (node: AST.TOMLNode) => Position;

function positions(lines: readonly string[]): ToPosition {
  return ({ loc: { start, end } }) => {
    const lineEnd = lines.slice(start.line - 1, start.line).join('').length;
    const isOneLine = start.line === end.line;
    return {
      line: start.line,
      column: start.column + 1,
      length: Math.max(1, (isOneLine ? end.column : lineEnd) - start.column),
      ...(isOneLine ? {} : { end: { line: end.line, column: end.column + 1 } }),
    };
  };
}

function walkTopLevel(top: AST.TOMLTopLevelTable, toPosition: ToPosition, add: Add): void {
  for (const node of top.body) {
    if (node.type === 'TOMLKeyValue') {
      walkKeyValue(node, '', toPosition, add);
      continue;
    }
    const at = headerEntries(node, toPosition, add);
    for (const keyValue of node.body) walkKeyValue(keyValue, at, toPosition, add);
  }
}

/** `[a.b]` makes an entry of `/a` and of `/a/b`; the pointer of the table is returned. */
function headerEntries(table: AST.TOMLTable, toPosition: ToPosition, add: Add): string {
  let at = '';
  let written = -1;
  for (const segment of table.resolvedKey) {
    at += pointer(segment);
    // A number is the place in an array of tables, which no part of the header spells.
    if (typeof segment === 'string') written += 1;
    const place = toPosition(table.key.keys[written] ?? table.key);
    add(at, { key: place, value: place });
  }
  return at;
}

function walkKeyValue(
  node: AST.TOMLKeyValue,
  table: string,
  toPosition: ToPosition,
  add: Add,
): void {
  let at = table;
  const last = node.key.keys.length - 1;
  for (const [index, key] of node.key.keys.entries()) {
    at += pointer(key.type === 'TOMLBare' ? key.name : key.value);
    const place = toPosition(key);
    add(at, { key: place, value: index === last ? toPosition(node.value) : place });
  }
  walkContent(node.value, at, toPosition, add);
}

function walkContent(
  node: AST.TOMLContentNode,
  at: string,
  toPosition: ToPosition,
  add: Add,
): void {
  if (node.type === 'TOMLInlineTable') {
    for (const keyValue of node.body) walkKeyValue(keyValue, at, toPosition, add);
  }
  if (node.type !== 'TOMLArray') return;
  for (const [index, item] of node.elements.entries()) {
    const place = toPosition(item);
    add(at + pointer(index), { key: place, value: place });
    walkContent(item, at + pointer(index), toPosition, add);
  }
}
