import type { InstanceDraft } from './draft.ts';
import type { OptionTable } from './options/option-table.ts';
import type { ServerOption } from './options/parse-help.ts';
import { valueCount } from './options/values.ts';
import { valueText } from './value-text.ts';
import type { Written } from './written.ts';

/** One word of `extra_args`. */
type Word = Written<string>;

/** One option as llama-server is given it, wherever it is written. */
export type OptionUse = {
  /** As on the command line: `--port`, `-m`. */
  readonly flag: string;
  /** As the table has it, where it does. */
  readonly option: ServerOption | undefined;
  /** undefined: it is given none. */
  readonly value: string | undefined;
  /** Of what decides about the value. */
  readonly pointer: string;
  readonly origin: 'key' | 'extra_args';
};

/** In the order of the command line: of two uses of one option the last counts. Switches that are off are none. */
export function usesOf(instance: InstanceDraft, table: OptionTable): readonly OptionUse[] {
  const uses = [...usesOfWords(instance.extraWords, table)];
  for (const { flag, values } of instance.entries) {
    const option = table.find(flag);
    for (const { value, pointer } of values) {
      if (value === false) continue;
      const text = value === true ? undefined : valueText(value);
      uses.push({ flag, option, value: text, pointer, origin: 'key' });
    }
  }
  return uses;
}

function usesOfWords(words: readonly Word[], table: OptionTable): readonly OptionUse[] {
  return readWords(words, table).map(({ flag, values: [first] }) => {
    const isKnown = table.find(flag.value) !== undefined;
    const name = joinedFlag(flag.value, table) ?? flag.value;
    return {
      flag: name,
      option: table.find(name),
      value: first?.value,
      pointer: (isKnown && first ? first : flag).pointer,
      origin: 'extra_args',
    };
  });
}

/** What llama-server would refuse of `extra_args`. */
type RefusedWords = {
  /** Words that belong to no option. */
  readonly stray: readonly Word[];
  /** Options at the end without all their values. */
  readonly unfinished: readonly Word[];
  /** `--flag=value` */
  readonly joined: readonly Word[];
};

export function refusedWords(words: readonly Word[], table: OptionTable): RefusedWords {
  const read = readWords(words, table);
  const known = new Set(read.flatMap(({ flag, values }) => [flag, ...values]));
  return {
    stray: words.filter((word) => !known.has(word)),
    unfinished: read.flatMap(({ flag, values }) =>
      values.length < needed(flag.value, table) ? flag : [],
    ),
    joined: read.flatMap(({ flag }) => (joinedFlag(flag.value, table) === undefined ? [] : flag)),
  };
}

/** The option of a word that holds its value as well: `--port=8080`. */
export function joinedFlag(word: string, table: OptionTable): string | undefined {
  const [, flag = ''] = /^(--[^=]+)=/.exec(word) ?? [];
  return isKnown(flag, table) ? flag : undefined;
}

/** The name of a secret is known, whatever the table has. */
function isKnown(flag: string, table: OptionTable): boolean {
  return table.find(flag) !== undefined || table.secret(flag) !== undefined;
}

type Read = { readonly flag: Word; readonly values: readonly Word[] };

/** A word behind an option that takes a value is its value, as llama-server reads it, whatever it looks like. */
export function readWords(words: readonly Word[], table: OptionTable): readonly Read[] {
  const read: Read[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const flag = words[at];
    if (flag === undefined || !flag.value.startsWith('-')) continue;
    const values = valuesBehind(words, at, table);
    read.push({ flag, values });
    at += values.length;
  }
  return read;
}

/** Of an option that the table does not have, words that are no options themselves are taken for its values. */
function valuesBehind(words: readonly Word[], at: number, table: OptionTable): readonly Word[] {
  const flag = words[at]?.value ?? '';
  let end = at + 1;
  if (isKnown(flag, table)) end += needed(flag, table);
  else if (joinedFlag(flag, table) === undefined) {
    while (words[end]?.value.startsWith('-') === false) end += 1;
  }
  return words.slice(at + 1, end);
}

/** How many values. */
function needed(flag: string, table: OptionTable): number {
  const option = table.find(flag);
  if (option !== undefined) return valueCount(option);
  return table.secret(flag) === undefined ? 0 : 1;
}

/** Where the last use of an option stands, by any of its names; -1: there is none. Instances of one shape share it. */
export type Layout = (name: string) => number;

export function layoutOf(uses: readonly OptionUse[], table: OptionTable): Layout {
  const found = new Map<string, number>();
  return (name) => {
    let at = found.get(name);
    if (at === undefined) {
      const wanted = table.find(name);
      at = uses.findLastIndex(({ flag, option }) =>
        wanted === undefined ? flag === name : option === wanted,
      );
      found.set(name, at);
    }
    return at;
  };
}

/** The options of an instance, and where each of them is. */
export type Uses = { readonly uses: readonly OptionUse[]; readonly layout: Layout };

/** The last use of an option, by any of its names. */
export function lastUse({ uses, layout }: Uses, name: string): OptionUse | undefined {
  return uses[layout(name)];
}
