import { type Alias, isAlias, isMap, isScalar, isSeq, type Node, type Pair } from 'yaml';
import { quoted } from '../../config/show-value.ts';
import { below, type Diagnostic } from '../../diagnostic.ts';
import type { ToPosition } from '../../fleet/json/positions.ts';
import { repeatedKey, syntaxProblem } from './syntax-problems.ts';

/** A stretch of the text. */
export type Stretch = { readonly offset: number; readonly length: number };

/** Where each value stands, and its key; of an item of a list they are the same. */
export type Places = ReadonlyMap<string, { readonly key: Stretch; readonly value: Stretch }>;

type Tree = {
  readonly value: unknown;
  readonly places: Places;
  readonly problems: readonly Diagnostic[];
};

/** A file needs none; one that has many within each other would become larger than any memory. */
const MOST_BY_ALIAS = 10_000;

/** The plain value of a document. Its depth has been looked at before. */
export function readTree(root: Node | null, toPosition: ToPosition): Tree {
  const stretch = stretchOf(root);
  const places = new Map([['', { key: stretch, value: stretch }]]);
  const walk: Walk = {
    ...{ toPosition, places, problems: [], anchors: new Map(), open: new Set() },
    byAlias: 0,
  };
  const value = valueAt(root, '', walk);
  if (walk.byAlias > MOST_BY_ALIAS) {
    tell('too many aliases', 'write out what they stand for', root, walk);
  }
  return { value, places, problems: walk.problems };
}

type Walk = {
  readonly toPosition: ToPosition;
  readonly places: Map<string, { readonly key: Stretch; readonly value: Stretch }>;
  readonly problems: Diagnostic[];
  readonly anchors: Map<string, Node>;
  /** What is being read: an alias of it would have no end. */
  readonly open: Set<Node>;
  /** How many values aliases have made. */
  byAlias: number;
};

function tell(message: string, help: string, node: unknown, walk: Walk): void {
  const { offset, length } = stretchOf(node);
  walk.problems.push(syntaxProblem(message, help, walk.toPosition(offset, length)));
}

function valueAt(node: unknown, at: string, walk: Walk, isAliased = false): unknown {
  if (isAliased) walk.byAlias += 1;
  if (walk.byAlias > MOST_BY_ALIAS) return null;
  if (isAlias(node)) return aliased(node, at, walk);
  if (!(isScalar(node) || isMap(node) || isSeq(node))) return null;
  if (node.anchor !== undefined) walk.anchors.set(node.anchor, node);
  walk.open.add(node);
  const value = contentOf(node, at, walk, isAliased);
  walk.open.delete(node);
  return value;
}

function contentOf(node: Node, at: string, walk: Walk, isAliased: boolean): unknown {
  if (isScalar(node)) return node.value;
  if (isMap(node)) return objectOf(node.items, at, walk, isAliased);
  if (!isSeq(node)) return null;
  return node.items.map((item, index) => {
    const inner = `${at}/${index}`;
    walk.places.set(inner, { key: stretchOf(item), value: stretchOf(item) });
    return valueAt(item, inner, walk, isAliased);
  });
}

function objectOf(pairs: readonly Pair[], at: string, walk: Walk, isAliased: boolean): unknown {
  const entries = new Map<string, unknown>();
  for (const pair of pairs) {
    const key = keyOf(pair.key);
    if (key === undefined) {
      tell('a key that is no text', 'write a text before the colon', pair.key ?? pair.value, walk);
      continue;
    }
    const inner = below(at, key);
    const place = { key: stretchOf(pair.key), value: stretchOf(pair.value, pair.key) };
    if (entries.has(key)) tellRepeated(key, inner, place.key, walk);
    walk.places.set(inner, place);
    entries.set(key, valueAt(pair.value, inner, walk, isAliased));
  }
  return Object.fromEntries(entries);
}

function tellRepeated(key: string, at: string, { offset, length }: Stretch, walk: Walk): void {
  const earlier = walk.places.get(at)?.key ?? { offset, length };
  const first = walk.toPosition(earlier.offset, earlier.length);
  walk.problems.push(repeatedKey(quoted(key), at, first, walk.toPosition(offset, length)));
}

function aliased(node: Alias, at: string, walk: Walk): unknown {
  const target = walk.anchors.get(node.source);
  if (target !== undefined && !walk.open.has(target)) return valueAt(target, at, walk, true);
  const message = target === undefined ? 'an alias of nothing' : 'an alias of what it is in';
  tell(message, 'write out what it stands for; in quotes a text may begin with *', node, walk);
  return null;
}

/** A key is a text; a number or a truth is taken as it is written. */
function keyOf(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

/** Of what is not written at all, the stretch of what it belongs to. */
function stretchOf(node: unknown, owner?: unknown): Stretch {
  const range = isRanged(node) ? node.range : undefined;
  if (range === undefined || range[1] <= range[0]) {
    return owner === undefined ? { offset: range?.[0] ?? 0, length: 1 } : stretchOf(owner);
  }
  return { offset: range[0], length: range[1] - range[0] };
}

function isRanged(node: unknown): node is { readonly range: readonly [number, number, number] } {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range);
}
