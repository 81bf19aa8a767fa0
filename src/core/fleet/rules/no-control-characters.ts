import { below, type Diagnostic } from '../../diagnostic.ts';
import { type Entry, textAt } from '../entries.ts';
import { isJsonObject } from '../json-value.ts';
import type { FleetRule } from './rule.ts';
import { wrong } from './tell.ts';

/** What no command, no environment and no argument can hold; and line ends where there is one line. */
export const noControlCharacters: FleetRule = {
  id: 'fleet-character',
  of: 'entry',
  check: ({ entries }) =>
    entries.flatMap((entry) => [
      ...anywhere(withoutIgnored(entry), entry.pointer),
      ...oneLine(entry),
    ]),
};

function withoutIgnored({ section, value }: Entry): object {
  const { split_policy: _, ...rest } = value;
  return section === 'models' ? rest : value;
}

function anywhere(value: unknown, at: string): readonly Diagnostic[] {
  if (typeof value === 'string') return told(at, problemAnywhere(value));
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => anywhere(item, `${at}/${index}`));
  }
  if (!isJsonObject(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => anywhere(item, below(at, key)));
}

function problemAnywhere(text: string): string | undefined {
  if (text.includes('\0')) return 'a NUL character';
  return /\p{Cs}/u.test(text) ? 'half of a character (a lone surrogate)' : undefined;
}

const oneLinePaths = {
  hosts: [
    ['connection', 'key_path'],
    ['connection', 'password'],
  ],
  backends: [],
  models: [['source']],
} as const;

function oneLine(entry: Entry): readonly Diagnostic[] {
  return oneLinePaths[entry.section].flatMap((path: readonly string[]) => {
    const { value = '', pointer = '' } = textAt(entry, ...path) ?? {};
    const found = /[\n\r]/.test(value) ? 'a line end' : undefined;
    return told(pointer, found);
  });
}

function told(at: string, found: string | undefined): readonly Diagnostic[] {
  return found === undefined ? [] : [wrong('fleet-character', at, `${found} in it`, 'remove it')];
}
