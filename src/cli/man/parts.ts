import type { Flag, Syntax, Value } from '../define/grammar.ts';
import { type Block, bold, italic, type Section } from './roff.ts';

/** `vllmd-disk-reset` */
export function pageName({ path }: Pick<Syntax, 'path'>): string {
  return ['vllmd', ...path].join('-');
}

export function text(words: string): Block {
  return { kind: 'text', text: words };
}

export function term(name: string, words: string): Block {
  return { kind: 'term', term: bold(name), text: words };
}

/** None where there is nothing to say. */
export function section(title: string, blocks: readonly Block[]): readonly Section[] {
  return blocks.length === 0 ? [] : [{ title, blocks }];
}

export function flagBlock(flag: Flag): Block {
  const { names, describe, value, isRequired, fallback } = flag;
  const ending = value === undefined ? '' : ` ${shownValue(value, flag)}`;
  const more = [
    ...(value !== undefined && value.words.length > 0 ? [oneOf(value.words)] : []),
    ...(fallback === undefined ? [] : [`The default is ${fallback}.`]),
    ...(isRequired ? ['It must be given.'] : []),
  ];
  return {
    kind: 'term',
    term: names.map((name) => bold(name) + ending).join(', '),
    text: [`${describe}.`, ...more].join(' '),
  };
}

/** `TIME`, `PATH...`, `[TIME]` */
function shownValue({ name }: Value, { isList, isValueOptional }: Flag): string {
  const word = `${italic(name)}${isList ? '...' : ''}`;
  return isValueOptional ? `[${word}]` : word;
}

/** `One of a, b.` */
export function oneOf(words: readonly string[]): string {
  return `One of ${words.join(', ')}.`;
}

export function exampleBlocks(examples: Syntax['examples']): readonly Block[] {
  return examples.flatMap(([line, what]): readonly Block[] => [
    text(`${what.charAt(0).toUpperCase()}${what.slice(1)}:`),
    { kind: 'lines', lines: [line.replaceAll('$0', 'vllmd')] },
  ]);
}

/** `vllmd(1), vllmd.toml(5)`, from names as their files have them. */
export function references(pages: readonly (readonly [name: string, section: number])[]): Section {
  const all = pages.map(([name, number]) => `${bold(name)}(${number})`).join(', ');
  return { title: 'SEE ALSO', blocks: [{ kind: 'roff', roff: all }] };
}
