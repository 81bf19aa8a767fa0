import { secretOptions } from '../config/sensitive-options.ts';
import { wordsOf } from './arguments.ts';
import type { InstanceDraft } from './draft.ts';
import type { OptionTable } from './options/option-table.ts';
import { readWords } from './uses.ts';

/** Stands for a secret wherever arguments are shown. */
const HIDDEN = '(sensitive)';

/** The variable that takes the value of an option, if that is a secret. */
export function secretVariable(flag: string, table: OptionTable): string | undefined {
  const names = table.find(flag)?.names ?? [flag];
  return names.flatMap((name) => secretOptions.get(name.replace(/^--/, '')) ?? []).at(0);
}

/** The arguments of an instance in their three forms. */
export type Arguments = {
  /** As the contract has them. May hold secrets. */
  readonly arguments: readonly string[];
  /** The same with a mark in the place of each secret. */
  readonly shownArguments: readonly string[];
  /** What it is started with: everybody on a host can read the arguments of a process. */
  readonly launch: {
    readonly arguments: readonly string[];
    /** By the name of their environment variable. */
    readonly secrets: ReadonlyMap<string, string>;
  };
};

export function argumentsOf(
  { entries, extraWords }: Pick<InstanceDraft, 'entries' | 'extraWords'>,
  table: OptionTable,
): Arguments {
  const parts = [
    ...readWords(extraWords, table).map(({ flag, value }) =>
      value === undefined ? [flag.value] : [flag.value, value.value],
    ),
    ...entries.flatMap(wordsOf),
  ];
  const plain: string[][] = [];
  const shown: string[][] = [];
  const secrets = new Map<string, string>();
  for (const [flag = '', value] of parts) {
    const words = value === undefined ? [flag] : [flag, value];
    const variable = value === undefined ? undefined : secretVariable(flag, table);
    shown.push(variable === undefined ? words : [flag, HIDDEN]);
    if (variable === undefined || value === undefined) plain.push(words);
    else secrets.set(variable, together(variable, secrets.get(variable), value));
  }
  return {
    arguments: parts.flat(),
    shownArguments: shown.flat(),
    launch: { arguments: plain.flat(), secrets },
  };
}

/** llama-server takes several keys with commas between them; of tokens it takes the last. */
function together(variable: string, before: string | undefined, value: string): string {
  return variable === 'LLAMA_API_KEY' && before !== undefined ? `${before},${value}` : value;
}
