import { problem } from '../config/problem.ts';
import { quoted } from '../config/show-value.ts';
import { pointer, withNote } from '../diagnostic.ts';
import { macAddress } from '../resolve/addresses.ts';
import type { RuntimeDraft } from './draft.ts';
import { repeats } from './repeats.ts';
import type { Rule } from './rule.ts';

/** No two runtimes have the same `mac`, be it written or made from the index. */
export const macUnique: Rule = {
  id: 'mac-unique',
  check: ({ network, runtimes }) => [
    ...repeats('mac-unique', 'mac', runtimes),
    // On somebody else's bridge the machine id is part of what is made, so that nobody hits it by accident.
    ...(network.mode === 'bridge' ? [] : madeForOthers(runtimes)),
  ],
};

function madeForOthers(runtimes: readonly RuntimeDraft[]) {
  const made = new Map<string, RuntimeDraft>();
  for (const runtime of runtimes) {
    const { index, mac } = runtime;
    if (index !== undefined && mac === undefined) made.set(macAddress(index), runtime);
  }
  return runtimes.flatMap(({ pointer: at, mac = '' }) => {
    const other = made.get(mac);
    if (other === undefined) return [];
    const text = `${quoted(mac)} is made from the index of ${other.label}`;
    const help = 'choose another one, or remove it';
    const clash = problem('mac-unique', at + pointer('mac'), text, help);
    return [withNote(clash, other.pointer + pointer('index'), 'made from this index')];
  });
}
