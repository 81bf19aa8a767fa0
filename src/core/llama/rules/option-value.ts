import { showValue } from '../../config/show-value.ts';
import type { Diagnostic } from '../../diagnostic.ts';
import type { OptionTable } from '../options/option-table.ts';
import type { ServerOption } from '../options/parse-help.ts';
import { choicesOf, valueCount } from '../options/values.ts';
import { refusedWords } from '../uses.ts';
import type { ServerEntry } from '../written.ts';
import type { CheckedInstance, LlamaRule } from './rule.ts';
import { wrong } from './tell.ts';

/** An option that needs a value would swallow the next word, and one that takes none would leave its value behind. */
export const optionValue: LlamaRule = {
  id: 'llama-option-value',
  check: ({ instances, table }) =>
    instances.flatMap((instance) => [
      ...instance.entries.flatMap((entry) => ofKey(entry, table)),
      ...ofWords(instance, table),
    ]),
};

function ofKey(
  { option, values, pointer }: ServerEntry,
  table: OptionTable,
): readonly Diagnostic[] {
  const known = table.find(`--${option}`);
  if (known === undefined) return [];
  if (valueCount(known) > 1 && values.some(({ value }) => value !== false)) {
    const help = `write it in extra_args: extra_args = ["--${option}", "${known.value?.replace(/\s+/, '", "')}"]`;
    return [
      wrong('llama-option-value', pointer, 'takes several values, which no key can be', help),
    ];
  }
  return values.flatMap(({ value, pointer: at }) => {
    if (known.value === null && typeof value !== 'boolean') {
      const text = `--${option} takes no value, got ${showValue(value)}`;
      return wrong('llama-option-value', at, text, switchHelp(option, value, known.names));
    }
    if (known.value !== null && value === true) {
      return wrong(
        'llama-option-value',
        at,
        `--${option} needs a value, got true`,
        valueHelp(known),
      );
    }
    return [];
  });
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
  const { stray, unfinished } = refusedWords(extraWords, table);
  return [
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
