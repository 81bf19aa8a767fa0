import { pointer } from '../diagnostic.ts';

/** A key of a definition with its place, its pattern (`disks.*.path`) and its value. */
export type Entry = {
  readonly at: string;
  readonly pattern: string;
  readonly key: string;
  readonly value: unknown;
};

/** Every key in order; below one that `isOpen` refuses it does not look. */
export function walkKeys(
  value: unknown,
  isOpen: (entry: Entry) => boolean = () => true,
): readonly Entry[] {
  return below({ at: '', pattern: '', key: '', value }, isOpen);
}

function below(parent: Entry, isOpen: (entry: Entry) => boolean): readonly Entry[] {
  const { at, pattern, key, value } = parent;
  if (Array.isArray(value)) {
    return value.flatMap((element: unknown, index) =>
      below({ at: at + pointer(index), pattern: `${pattern}.*`, key, value: element }, isOpen),
    );
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    if (inner === undefined) return [];
    const prefix = pattern === '' ? '' : `${pattern}.`;
    const entry = { at: at + pointer(name), pattern: prefix + name, key: name, value: inner };
    return isOpen(entry) ? [entry, ...below(entry, isOpen)] : [entry];
  });
}
