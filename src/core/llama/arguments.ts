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
  if (!isSecretIn(entries, extraWords, table)) {
    const words = wordsOf(entries, extraWords, table);
    return { arguments: words, shownArguments: words, launch: { arguments: words, secrets: none } };
  }
  const words: string[] = [];
  const shown: string[] = [];
  const plain: string[] = [];
  const secrets = new Map<string, string>();
  for (const [flag, ...values] of optionsOf(entries, extraWords, table)) {
    words.push(flag, ...values);
    const variable = values.length === 0 ? undefined : table.secret(flag);
    shown.push(flag, ...(variable === undefined ? values : values.map(() => HIDDEN)));
    if (variable === undefined) plain.push(flag, ...values);
    else secrets.set(variable, together(variable, secrets.get(variable), values));
  }
  return { arguments: words, shownArguments: shown, launch: { arguments: plain, secrets } };
}

const none: ReadonlyMap<string, string> = new Map();

function isSecretIn(
  entries: readonly ServerEntry[],
  extraWords: readonly Written<string>[],
  { secret }: OptionTable,
): boolean {
  for (const { flag } of entries) if (secret(flag) !== undefined) return true;
  return extraWords.some(({ value }) => secret(value) !== undefined);
}

/** Without a list for each option, of which a thousand instances have many thousands. */
function wordsOf(
  entries: readonly ServerEntry[],
  extraWords: readonly Written<string>[],
  table: OptionTable,
): readonly string[] {
  const words: string[] = [];
  for (const option of optionsOfWords(extraWords, table)) words.push(...option);
  for (const { flag, values } of entries) {
    for (const { value } of values) {
      if (value === false) continue;
      words.push(flag);
      if (value !== true) words.push(valueText(value));
    }
  }
  return words;
}

type Option = readonly [flag: string, ...values: readonly string[]];

/** The words of `extra_args`, and behind them the keys, which so have the last say. */
function optionsOf(
  entries: readonly ServerEntry[],
  extraWords: readonly Written<string>[],
  table: OptionTable,
): readonly Option[] {
  const ofKeys = entries.flatMap(({ flag, values }) =>
    values.flatMap(({ value }): Option[] => {
      if (value === false) return [];
      return [value === true ? [flag] : [flag, valueText(value)]];
    }),
  );
  return [...optionsOfWords(extraWords, table), ...ofKeys];
}

function optionsOfWords(
  extraWords: readonly Written<string>[],
  table: OptionTable,
): readonly Option[] {
  return readWords(extraWords, table).map(({ flag, values }) => [
    flag.value,
    ...values.map(({ value }) => value),
  ]);
}

/** llama-server takes several keys with commas between them; of tokens it takes the last. */
function together(variable: string, before: string | undefined, values: readonly string[]): string {
  const all = before === undefined ? values : [before, ...values];
  return variable === 'LLAMA_API_KEY' ? all.join(',') : (all.at(-1) ?? '');
}
