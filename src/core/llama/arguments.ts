import type { InstanceDraft } from './draft.ts';
import type { OptionTable } from './options/option-table.ts';
import { readWords } from './uses.ts';
import { valueText } from './value-text.ts';
import type { ServerEntry, Written } from './written.ts';

/** Stands for a secret wherever arguments are shown. */
const HIDDEN = '(sensitive)';

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
  const words: string[] = [];
  const shown: string[] = [];
  const plain: string[] = [];
  const secrets = new Map<string, string>();
  for (const [flag, value] of optionsOf(entries, extraWords, table)) {
    const variable = value === undefined ? undefined : table.secret(flag);
    words.push(flag);
    shown.push(flag);
    if (variable === undefined) plain.push(flag);
    if (value === undefined) continue;
    words.push(value);
    shown.push(variable === undefined ? value : HIDDEN);
    if (variable === undefined) plain.push(value);
    else secrets.set(variable, together(variable, secrets.get(variable), value));
  }
  return { arguments: words, shownArguments: shown, launch: { arguments: plain, secrets } };
}

type Option = readonly [flag: string, value: string | undefined];

/** The words of `extra_args`, and behind them the keys, which so have the last say. */
function optionsOf(
  entries: readonly ServerEntry[],
  extraWords: readonly Written<string>[],
  table: OptionTable,
): readonly Option[] {
  const options: Option[] = readWords(extraWords, table).map(({ flag, value }) => [
    flag.value,
    value?.value,
  ]);
  for (const { option, values } of entries) {
    for (const { value } of values) {
      if (value === false) continue;
      options.push([`--${option}`, value === true ? undefined : valueText(value)]);
    }
  }
  return options;
}

/** llama-server takes several keys with commas between them; of tokens it takes the last. */
function together(variable: string, before: string | undefined, value: string): string {
  return variable === 'LLAMA_API_KEY' && before !== undefined ? `${before},${value}` : value;
}
