import { showValue } from '../../config/show-value.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import type { OptionTable } from '../options/option-table.ts';
import type { ServerOption } from '../options/parse-help.ts';
import { choicesOf, valueCount } from '../options/values.ts';
import { joinedFlag, refusedWords } from '../uses.ts';
import type { ServerEntry } from '../written.ts';
import type { CheckedInstance, LlamaRule } from './rule.ts';
import { wrong } from './tell.ts';

/** An option that needs a value would swallow the next word, and one that takes none would leave its value behind. */
export const optionValue: LlamaRule = {
  id: 'llama-option-value',
  judgesShape: true,
  check: ({ instances, table }) =>
    instances.flatMap((instance) => {
      const ofKeys = instance.entries.flatMap((entry) => ofKey(entry, table));
      return instance.extraWords.length === 0 ? ofKeys : [...ofKeys, ...ofWords(instance, table)];
    }),
};

function ofKey(
  { option, flag, values, pointer }: ServerEntry,
  table: OptionTable,
): readonly Diagnostic[] {
  const known = table.find(flag);
  if (known === undefined || isFitting(values, known)) return none;
  if (valueCount(known) > 1 && values.some(({ value }) => value !== false)) {
    const help = `write it in extra_args: extra_args = ["${flag}", "${known.value?.replace(/\s+/, '", "')}"]`;
    return [
      wrong('llama-option-value', pointer, 'takes several values, which no key can be', help),
    ];
  }
  return values.flatMap(({ value, pointer: at }) => {
    if (known.value === null && typeof value !== 'boolean') {
      const text = `${flag} takes no value, got ${showValue(value)}`;
      return wrong('llama-option-value', at, text, switchHelp(option, value, known.names));
    }
    // `false` leaves an option out; of one that is on or off it was meant to be a value.
    const isMissing = value === true || (value === false && choicesOf(known)?.includes('on'));
    if (known.value === null || !isMissing) return [];
    const text = `${flag} needs a value, got ${value}`;
    return wrong('llama-option-value', at, text, valueHelp(known));
  });
}

const none: readonly Diagnostic[] = [];

/** As nearly every key of a thousand instances: one value, of one word or of none as the option wants it. */
function isFitting([first, second]: ServerEntry['values'], known: ServerOption): boolean {
  if (first === undefined || second !== undefined) return false;
  return valueCount(known) === (typeof first.value === 'boolean' ? 0 : 1);
}

function switchHelp(option: string, value: unknown, names: readonly string[]): string {
  const isOff = ['off', 'false', 'no', '0'].includes(String(value).toLowerCase());
  if (!isOff) return 'write true, without quotes';
  const opposite = `no-${option}`;
  if (!names.includes(`--${opposite}`)) return 'write false, without quotes, or leave it out';
  return `write ${opposite.replaceAll('-', '_')} = true`;
}

function valueHelp(option: ServerOption): string {
  const words = choicesOf(option);
  if (words === undefined) return `write its value: ${option.value}`;
  return `write one of ${words.map((word) => `"${word}"`).join(', ')}`;
}

function ofWords({ extraWords }: CheckedInstance, table: OptionTable): readonly Diagnostic[] {
  const { stray, unfinished, joined } = refusedWords(extraWords, table);
  return [
    ...joined.map(({ value, pointer }) => {
      const flag = joinedFlag(value, table) ?? '';
      const text = `llama-server takes no ${flag}=VALUE`;
      return wrong('llama-option-value', pointer, text, `write two words: "${flag}", "VALUE"`);
    }),
    ...stray.map(({ pointer }) =>
      wrong(
        'llama-option-value',
        pointer,
        'belongs to no option: llama-server refuses it',
        'put it behind an option that takes a value',
      ),
    ),
    ...unfinished.map(({ value, pointer }) =>
      wrong(
        'llama-option-value',
        pointer,
        `${value} needs a value, and would take the next option for it`,
        'add its value as the next word',
      ),
    ),
  ];
}
