import { pointer } from '../diagnostic.ts';

/** A key of a definition with its place, its pattern (`disks.*.path`) and its value. */
export type Entry = {
  readonly at: string;
  readonly pattern: string;
  readonly key: string;
  readonly value: unknown;
};

/** Every key in order; below one that `isOpen` refuses it does not look. */
export function walkKeys(value: unknown, isOpen?: (entry: Entry) => boolean): readonly Entry[] {
  if (typeof value !== 'object' || value === null) return [];
  // Several rules go through all of it.
  const known = isOpen === undefined ? walked.get(value) : undefined;
  if (known !== undefined) return known;
  const found: Entry[] = [];
  collect({ at: '', pattern: '', key: '', value }, isOpen ?? (() => true), found);
  if (isOpen === undefined) walked.set(value, found);
  return found;
}

const walked = new WeakMap<object, readonly Entry[]>();

function collect(parent: Entry, isOpen: (entry: Entry) => boolean, found: Entry[]): void {
  const { at, pattern, key, value } = parent;
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      const inner = { at: at + pointer(index), pattern: `${pattern}.*`, key, value: element };
      collect(inner, isOpen, found);
    }
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  const prefix = pattern === '' ? '' : `${pattern}.`;
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const entry = { at: at + pointer(name), pattern: prefix + name, key: name, value: inner };
    found.push(entry);
    if (isOpen(entry)) collect(entry, isOpen, found);
  }
}
