import type { LlamaRule } from './rule.ts';
import { doubtful } from './tell.ts';

/** `false` leaves the option out, and one that is on by default stays on. */
export const falseCounts: LlamaRule = {
  id: 'llama-false-ignored',
  check: ({ instances, table }) =>
    instances.flatMap(({ entries, uses }) =>
      entries.flatMap(({ option, values, pointer }) => {
        const isFalse = values.length === 1 && values[0]?.value === false;
        const opposite = `--no-${option}`;
        if (!isFalse || table.find(`--${option}`)?.names.includes(opposite) !== true) return [];
        if (uses.some(({ flag }) => flag === opposite)) return [];
        const text = `false leaves --${option} out, which does not switch it off`;
        return doubtful(
          'llama-false-ignored',
          pointer,
          text,
          `write no_${option.replaceAll('-', '_')} = true`,
        );
      }),
    ),
};
