import { visible } from '../control-characters.ts';
import type { Position } from '../diagnostic.ts';
import { canonicalPciAddress } from './pci-address.ts';
import { shortened } from './show-value.ts';
import type { Place, Wording } from './toml-place.ts';
import { withoutUnit } from './units.ts';

export const TEXT_HELP = 'text goes between quotes: key = "text"';

type Word = { readonly text: string; readonly key: string; readonly position: Position };

/** What is said of a value that is no value of TOML, unless the word as a whole shows what was meant. */
export function valueWording(otherwise: (place: Place) => Wording): (place: Place) => Wording {
  return (place) => commaWording(place) ?? wordMeant(wordAt(place)) ?? otherwise(place);
}

export function invalidValue(place: Place): Wording {
  const open = openList(place);
  if (open !== undefined) return open;
  const word = wordAt(place);
  if (word.text === '') {
    return place.isLineEnd || place.rest.startsWith('#')
      ? { message: 'a value is missing after `=`' }
      : { message: `a value is missing before \`${visible(place.rest.slice(0, 1))}\`` };
  }
  const { position } = word;
  const shown = shortened(visible(word.text));
  return (
    wordMeant(word) ?? { message: `\`${shown}\` is not a TOML value`, help: TEXT_HELP, position }
  );
}

/** `1,000`, `8,`: a comma belongs between items only. */
function commaWording({ before, rest, lines, line, column }: Place): Wording | undefined {
  const [, number = ''] = /^[^[{]*=\s*(\d+)$/.exec(before) ?? [];
  if (number === '' || !rest.startsWith(',')) return undefined;
  const [text = ''] = /^\d+[\d,]*/.exec(number + rest) ?? [];
  const position = { line, column: column - number.length, length: text.length };
  const key = keyOf(lines);
  const help = `write ${key === '' ? '' : `${key} = `}${text.replaceAll(',', '')}`;
  return { message: 'a number has no comma', help, position };
}

/** `121 GB`: what stands behind a value belongs to it. */
export function behindValue({ before, rest, lines, line }: Place): Wording | undefined {
  const [, number = ''] = /=\s*(\d+)\s*$/.exec(before) ?? [];
  const [unit = ''] = /^[a-z]+/i.exec(rest.trimStart()) ?? [];
  if (number === '' || unit === '') return undefined;
  const column = before.trimEnd().length - number.length + 1;
  const text = (lines.at(-1) ?? '').slice(column - 1).replace(/\s*(?:#.*)?$/, '');
  return unitWording({ text, key: keyOf(lines), position: { line, column, length: text.length } });
}

/** The whole word around the place: the parser stops within some. */
function wordAt({ before, rest, lines, line, column }: Place): Word {
  const [start = ''] = /[^\s,[{=]*$/.exec(before) ?? [];
  const [end = ''] = /^[^\s,#\]}]*/.exec(rest) ?? [];
  const text = start + end;
  const position = { line, column: column - start.length, length: Math.max(1, text.length) };
  return { text, key: keyOf(lines), position };
}

function keyOf(lines: readonly string[]): string {
  return /^\s*([\w.-]+)\s*=/.exec(lines.at(-1) ?? '')?.[1] ?? '';
}

function wordMeant(word: Word): Wording | undefined {
  return quotesWording(word) ?? addressWording(word) ?? truthWording(word) ?? unitWording(word);
}

const TYPOGRAPHIC = /^[\u2018-\u201f\u2032-\u2036\u00ab\u00bb]/;
const ALL_TYPOGRAPHIC = new RegExp(TYPOGRAPHIC.source.slice(1), 'g');

function quotesWording({ text, position }: Word): Wording | undefined {
  const [quote] = TYPOGRAPHIC.exec(text) ?? [];
  if (quote === undefined) return undefined;
  const inner = shortened(visible(text.replaceAll(ALL_TYPOGRAPHIC, '').replaceAll('"', '')));
  return {
    message: `\`${quote}\` is a typographic quote, which TOML does not know`,
    help: `write the straight one, U+0022: "${inner}"`,
    position,
  };
}

function addressWording({ text, position }: Word): Wording | undefined {
  const address = /:.*\./.test(text) ? canonicalPciAddress(text) : undefined;
  if (address === undefined) return undefined;
  return {
    message: `the PCI address ${address} is text, and text goes between quotes`,
    help: `write "${address}"`,
    position,
  };
}

const TRUTHS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['no', false],
  ['off', false],
]);

function truthWording({ text, position }: Word): Wording | undefined {
  const truth = TRUTHS.get(text.toLowerCase());
  if (truth === undefined) return undefined;
  const isCase = text.toLowerCase() === String(truth);
  return {
    message: `\`${text}\` is not a TOML value`,
    help: isCase
      ? `write ${truth}, in lower case`
      : `write ${truth}; for a key that takes text, put it in quotes: "${text}"`,
    position,
  };
}

function unitWording({ text, key, position }: Word): Wording | undefined {
  const help = withoutUnit(text, key);
  return help === undefined
    ? undefined
    : { message: `\`${shortened(text)}\` is no number: a number has no unit`, help, position };
}

/** A list that a line end or the next key finds open: the place where it begins says more than the one behind it. */
function openList({ lines, before, rest, isLineEnd }: Place): Wording | undefined {
  const line = lines.at(-1) ?? '';
  const isNext = /^[\s[]*$/.test(before) && /^\s*(?:\[\[?[\w.-]+\]|[\w.-]+\s*=)/.test(line);
  const isEnd = (isLineEnd || rest.startsWith('#')) && !/=\s*$/.test(before);
  if (!isNext && !isEnd) return undefined;
  const at = lines.findLastIndex((text) => /=\s*\[/.test(text));
  if (at < 0 || !isOpen([...lines.slice(at, -1), before])) return undefined;
  const column = (lines[at] ?? '').search(/(?<==\s*)\[/) + 1;
  const position = { line: at + 1, column, length: 1 };
  return {
    message: 'this array is not closed; expected `]`',
    help: 'write `]` behind its last item',
    position,
  };
}

/** More lists begin than end, strings and comments left aside. */
function isOpen(lines: readonly string[]): boolean {
  const bare = lines.join('\n').replaceAll(/"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#.*/g, '');
  return bare.split('[').length > bare.split(']').length;
}
