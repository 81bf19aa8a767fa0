import { nearest } from '../core/config/nearest.ts';
import { VllmdError } from '../core/failure.ts';
import { entryNames, type Section } from '../core/fleet/shape.ts';

/** The entry of this id, which has to be there. */
export function mustBeKnown<Entry extends { readonly id: string }>(
  section: Section,
  id: string,
  entries: readonly Entry[],
): Entry {
  const entry = entries.find((one) => one.id === id);
  if (entry !== undefined) return entry;
  const meant = nearest(
    id,
    entries.map((one) => one.id),
  );
  const help = meant === undefined ? `\`vllmd ${section}\` lists them` : `did you mean ${meant}?`;
  throw new VllmdError('notFound', `${entryNames[section]} not found: ${id}`, help);
}
