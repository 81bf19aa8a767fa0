import { problem } from '../config/problem.ts';
import { quoted } from '../config/show-value.ts';
import { type Diagnostic, pointer } from '../diagnostic.ts';
import type { RuntimeDraft } from './draft.ts';
import type { Rule } from './rule.ts';

/** `mac` is the address of one interface: its first byte is even, and it is not all zero. */
export const macUnicast: Rule = {
  id: 'mac-unicast',
  check: ({ runtimes }) => runtimes.flatMap(problems),
};

function problems({ pointer: at, mac }: RuntimeDraft): readonly Diagnostic[] {
  // What has another form is the schema's `bad-format`.
  if (mac === undefined || !/^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/.test(mac)) return [];
  const isGroup = Number.parseInt(mac.slice(0, 2), 16) % 2 === 1;
  const isZero = /^[0:]+$/.test(mac);
  if (!isGroup && !isZero) return [];
  return [
    problem(
      'mac-unicast',
      at + pointer('mac'),
      `must be the address of one interface, got ${quoted(mac)}`,
      isGroup
        ? 'with an odd first byte it is a group address; 52:54:00 is a common beginning for virtual machines'
        : 'remove it: an address is made from the index',
    ),
  ];
}
