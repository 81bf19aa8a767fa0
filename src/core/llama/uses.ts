import type { InstanceDraft } from './draft.ts';
import type { OptionTable } from './options/option-table.ts';
import { valueText } from './value-text.ts';
import type { Written } from './written.ts';

/** One word of `extra_args`. */
type Word = Written<string>;

/** One option as llama-server is given it, wherever it is written. */
export type OptionUse = {
  /** As on the command line: `--port`, `-m`. */
  readonly flag: string;
  /** undefined: it is given none. */
  readonly value: string | undefined;
  /** Of what decides about the value. */
  readonly pointer: string;
  readonly origin: 'key' | 'extra_args';
};

/** In the order of the command line: of two uses of one option the last counts. Switches that are off are none. */
export function usesOf(instance: InstanceDraft, table: OptionTable): readonly OptionUse[] {
  const uses = [...usesOfWords(instance.extraWords, table)];
  for (const { option, values } of instance.entries) {
    for (const { value, pointer } of values) {
      if (value === false) continue;
      const text = value === true ? undefined : valueText(value);
      uses.push({ flag: `--${option}`, value: text, pointer, origin: 'key' });
    }
  }
  return uses;
}

function usesOfWords(words: readonly Word[], table: OptionTable): readonly OptionUse[] {
  return readWords(words, table).map(({ flag, value }) => ({
    flag: flag.value,
    value: value?.value,
    pointer: (value ?? flag).pointer,
    origin: 'extra_args',
  }));
}

/** What llama-server would refuse of `extra_args`: words that belong to no option, and an option at the end without its value. */
export function refusedWords(
  words: readonly Word[],
  table: OptionTable,
): { readonly stray: readonly Word[]; readonly unfinished: readonly Word[] } {
  const read = readWords(words, table);
  const known = new Set(read.flatMap(({ flag, value }) => [flag, value]));
  return {
    stray: words.filter((word) => !known.has(word)),
    unfinished: read.flatMap(({ flag, value }) =>
      value === undefined && needsValue(flag.value, table) ? flag : [],
    ),
  };
}

type Read = { readonly flag: Word; readonly value: Word | undefined };

/** A word behind an option that takes a value is its value, as llama-server reads it, whatever it looks like. */
export function readWords(words: readonly Word[], table: OptionTable): readonly Read[] {
  const read: Read[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const flag = words[at];
    if (flag === undefined || !flag.value.startsWith('-')) continue;
    const next = words[at + 1];
    const value = next !== undefined && takesNext(flag.value, next, table) ? next : undefined;
    read.push({ flag, value });
    if (value !== undefined) at += 1;
  }
  return read;
}

/** Of an option that the table does not have, a word that is no option itself is taken for its value. */
function takesNext(flag: string, next: Word, table: OptionTable): boolean {
  return table.find(flag) === undefined ? !next.value.startsWith('-') : needsValue(flag, table);
}

function needsValue(flag: string, table: OptionTable): boolean {
  return typeof table.find(flag)?.value === 'string';
}

/** The last use of an option, by any of its names. */
export function lastUse(
  uses: readonly OptionUse[],
  name: string,
  table: OptionTable,
): OptionUse | undefined {
  return uses.findLast(({ flag }) => isSame(flag, name, table));
}

export function isSame(flag: string, name: string, table: OptionTable): boolean {
  const option = table.find(flag);
  return option === undefined ? flag === name : option.names.includes(name);
}
