import { isJsonObject, type JsonObject } from '../json-value.ts';
import type { Section } from '../shape.ts';

/** The tree with one more entry, behind the others. */
export function withEntry(tree: JsonObject, section: Section, entry: JsonObject): JsonObject {
  return withSection(tree, section, [...entriesOf(tree, section), entry]);
}

/** The entry takes the place of the one of this id. */
export function withReplaced(
  tree: JsonObject,
  section: Section,
  id: string,
  entry: JsonObject,
): JsonObject {
  const entries = entriesOf(tree, section).map((one) => (hasId(one, id) ? entry : one));
  return withSection(tree, section, entries);
}

/** The tree without the entry of this id. */
export function withoutEntry(tree: JsonObject, section: Section, id: string): JsonObject {
  const entries = entriesOf(tree, section).filter((one) => !hasId(one, id));
  return withSection(tree, section, entries);
}

export type KnownEntry = { readonly id: string; readonly entry: JsonObject };

/** Those that have an ID, whatever else they have. */
export function knownEntries(tree: JsonObject, section: Section): readonly KnownEntry[] {
  return entriesOf(tree, section).flatMap((entry) => {
    const id = isJsonObject(entry) ? entry['id'] : undefined;
    return isJsonObject(entry) && typeof id === 'string' ? [{ id, entry }] : [];
  });
}

/** What a file says that is not there yet, or is empty. */
export const emptyTree: JsonObject = { schema_version: 1, hosts: [], backends: [], models: [] };

/** As a file is saved. */
export function savedText(tree: JsonObject): string {
  return `${JSON.stringify(tree, undefined, 2)}\n`;
}

function entriesOf(tree: JsonObject, section: Section): readonly unknown[] {
  const entries = tree[section];
  return Array.isArray(entries) ? entries : [];
}

function hasId(entry: unknown, id: string): boolean {
  return isJsonObject(entry) && entry['id'] === id;
}

/** The keys stay in their order. */
function withSection(tree: JsonObject, section: Section, entries: readonly unknown[]): JsonObject {
  return { ...tree, [section]: entries };
}
