import { entryOf, isTable, type TomlTree } from '../config/toml-tree.ts';
import { type Position, pointer } from '../diagnostic.ts';
import { instanceNames } from './draft.ts';

/** Where each pointer is written; `placesOf` of `src/core/config/locate.ts`, which takes a second parser. */
export type PlacesOf = (text: string, pointers: readonly string[]) => ReadonlyMap<string, Position>;

/** An object has keys that are whole numbers before all others, whatever the order of the file. */
export function losesOrder(tree: TomlTree): boolean {
  return instanceNames(tree).some((name) => /^(?:0|[1-9]\d{0,9})$/.test(name));
}

/** The names of the instances in the order of the file; what overrides have added comes last. */
export function namesInOrder(tree: TomlTree, text: string, placesOf: PlacesOf): readonly string[] {
  const names = instanceNames(tree);
  const instance = entryOf(tree, 'instance');
  const places = placesOf(
    text,
    names.map((name) => pointer('instance', name)),
  );
  const first = placesOf(text, ['/instance']).get('/instance');
  const rank = (name: string) => {
    const place = places.get(pointer('instance', name));
    // What is not in the file is found at the table around it.
    if (place === undefined || !isTable(entryOf(instance, name)) || isEqual(place, first)) {
      return [Number.POSITIVE_INFINITY, 0] as const;
    }
    return [place.line, place.column] as const;
  };
  return names
    .map((name) => ({ name, rank: rank(name) }))
    .sort((a, b) => compare(a.rank, b.rank))
    .map(({ name }) => name);
}

function isEqual(a: Position, b: Position | undefined): boolean {
  return a.line === b?.line && a.column === b.column;
}

function compare(a: readonly [number, number], b: readonly [number, number]): number {
  if (a[0] !== b[0]) return a[0] < b[0] ? -1 : 1;
  return a[1] - b[1];
}
