import { quoted } from '../../config/show-value.ts';
import { type Diagnostic, errorAt, withNote } from '../../diagnostic.ts';
import { sections } from '../shape.ts';
import type { FleetRule } from './rule.ts';

export const duplicateId: FleetRule = {
  id: 'fleet-duplicate-id',
  of: 'file',
  check: ({ entries }) =>
    sections.flatMap((section) => {
      const first = new Map<string, string>();
      return entries.flatMap(({ id, pointer, section: own }): readonly Diagnostic[] => {
        if (own !== section || id === undefined) return [];
        const at = `${pointer}/id`;
        const earlier = first.get(id);
        if (earlier === undefined) first.set(id, at);
        if (earlier === undefined) return [];
        const text = `${section}: duplicate id ${quoted(id)}`;
        const repeat = errorAt('fleet-duplicate-id', at, text, 'give one of them another id');
        return [withNote(repeat, earlier, 'first used here')];
      });
    }),
};
