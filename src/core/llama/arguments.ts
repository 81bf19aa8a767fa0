import type { InstanceDraft } from './draft.ts';
import type { OptionTable } from './options/option-table.ts';
import { readWords } from './uses.ts';
import { valueText } from './value-text.ts';
import type { ServerEntry, Written } from './written.ts';

/** Stands for a secret wherever arguments are shown. */
export const HIDDEN = '(sensitive)';

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
  const options = optionsOf(entries, extraWords, table);
  const words: string[] = [];
  let isSecret = false;
  for (const option of options) {
    words.push(...option);
    isSecret ||= option.length > 1 && table.secret(option[0]) !== undefined;
  }
  if (!isSecret) {
    return { arguments: words, shownArguments: words, launch: { arguments: words, secrets: none } };
  }
  const shown: string[] = [];
  const plain: string[] = [];
  const secrets = new Map<string, string>();
  for (const [flag, ...values] of options) {
    const variable = values.length === 0 ? undefined : table.secret(flag);
    shown.push(flag, ...(variable === undefined ? values : values.map(() => HIDDEN)));
    if (variable === undefined) plain.push(flag, ...values);
    else secrets.set(variable, together(variable, secrets.get(variable), values));
  }
  return { arguments: words, shownArguments: shown, launch: { arguments: plain, secrets } };
}

const none: ReadonlyMap<string, string> = new Map();

type Option = readonly [flag: string, ...values: readonly string[]];

/** The words of `extra_args`, and behind them the keys, which so have the last say. */
function optionsOf(
  entries: readonly ServerEntry[],
  extraWords: readonly Written<string>[],
  table: OptionTable,
): readonly Option[] {
  const options: Option[] = readWords(extraWords, table).map(({ flag, values }) => [
    flag.value,
    ...values.map(({ value }) => value),
  ]);
  for (const { flag, values } of entries) {
    for (const { value } of values) {
      if (value === false) continue;
      options.push(value === true ? [flag] : [flag, valueText(value)]);
    }
  }
  return options;
}

/** llama-server takes several keys with commas between them; of tokens it takes the last. */
function together(variable: string, before: string | undefined, values: readonly string[]): string {
  const all = before === undefined ? values : [before, ...values];
  return variable === 'LLAMA_API_KEY' ? all.join(',') : (all.at(-1) ?? '');
}
