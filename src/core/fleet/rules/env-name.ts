import { quoted } from '../../config/show-value.ts';
import { below } from '../../diagnostic.ts';
import { valueAt } from '../entries.ts';
import { isJsonObject } from '../json-value.ts';
import type { FleetRule } from './rule.ts';
import { wrong } from './tell.ts';

/** Names are not escaped where the environment stands in a command. */
export const envName: FleetRule = {
  id: 'fleet-env-name',
  of: 'entry',
  check: ({ entries }) =>
    entries
      .filter(({ section }) => section === 'backends')
      .flatMap((entry) => {
        const { value, pointer } = valueAt(entry, 'env');
        if (!isJsonObject(value)) return [];
        const names = Object.keys(value).filter((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name));
        return names.map((name) => {
          const text = `${quoted(name)} is no name of a variable`;
          const help = 'write letters, digits and underscores, no digit first';
          const problem = wrong('fleet-env-name', pointer, text, help);
          return { ...problem, pointer: below(pointer, name), mark: 'key' as const };
        });
      }),
};
