import { nearest } from '../../config/nearest.ts';
import { quoted } from '../../config/show-value.ts';
import { visible } from '../../control-characters.ts';
import { type Diagnostic, errorAt } from '../../diagnostic.ts';
import { type Entry, entryName, textsAt } from '../entries.ts';
import type { Section } from '../shape.ts';
import type { FleetRule } from './rule.ts';

type Reference = { readonly from: Section; readonly key: string; readonly to: Section };

const references: readonly Reference[] = [
  { from: 'backends', key: 'host_filters', to: 'hosts' },
  { from: 'models', key: 'host_policy', to: 'hosts' },
  { from: 'models', key: 'backend_policy', to: 'backends' },
];

/** What a policy or a filter names is in the file. */
export const unknownId: FleetRule = {
  id: 'fleet-unknown-id',
  of: 'file',
  check: ({ entries, lists }) => {
    const ids = {
      hosts: idsOf(entries, 'hosts'),
      backends: idsOf(entries, 'backends'),
      models: [],
    };
    return entries.flatMap((entry) =>
      references
        .filter(({ from, to }) => from === entry.section && lists.has(to))
        .flatMap(({ key, to }) => unknownIn(entry, key, to, ids[to])),
    );
  },
};

function unknownIn(
  entry: Entry,
  key: string,
  to: Section,
  known: readonly string[],
): readonly Diagnostic[] {
  return textsAt(entry, key)
    .filter(({ value }) => !known.includes(value))
    .map(({ value, pointer }) => {
      const where = `${entry.section}[${visible(entry.id ?? '')}].${key}`;
      const text = `${where}: unknown ${entryName({ section: to })} id ${quoted(value)}`;
      return errorAt('fleet-unknown-id', pointer, text, helpFor(value, to, known));
    });
}

/** Every id of a section. */
export function idsOf(entries: readonly Entry[], section: Section): readonly string[] {
  return entries.flatMap((entry) =>
    entry.section === section && entry.id !== undefined ? [entry.id] : [],
  );
}

/** The id that was meant, or those that there are. */
export function helpFor(value: string, to: Section, known: readonly string[]): string {
  const meant = nearest(value, known);
  if (meant !== undefined) return `did you mean ${quoted(meant)}?`;
  if (known.length === 0) return `there is no ${entryName({ section: to })} in the file: add it`;
  return `${to} of the file: ${known.slice(0, MOST_NAMED).map(quoted).join(', ')}`;
}

const MOST_NAMED = 10;
