import type { Node } from 'jsonc-parser';
import { below } from '../../diagnostic.ts';

/** Pointers of numbers that would be others once they are saved: they have more digits than a program keeps. */
export function inexactNumbers(root: Node, text: string): readonly string[] {
  return numbersIn(root, '')
    .filter(({ node: { offset, length } }) => !isKept(text.slice(offset, offset + length)))
    .map(({ at }) => at);
}

type Place = { readonly node: Node; readonly at: string };

function numbersIn(node: Node, at: string): readonly Place[] {
  const { type, children = [] } = node;
  if (type === 'number') return [{ node, at }];
  if (type === 'property') {
    const [key, value] = children;
    return value === undefined ? [] : numbersIn(value, below(at, String(key?.value)));
  }
  return children.flatMap((child, index) =>
    numbersIn(child, type === 'array' ? `${at}/${index}` : at),
  );
}

/** Whether it has the same digits afterwards, however it is written. */
function isKept(written: string): boolean {
  const value = Number(written);
  return Number.isFinite(value) && digitsOf(written) === digitsOf(JSON.stringify(value));
}

/** `1.50e3` and `1500` have the digits `15`, and their point at the same place. */
function digitsOf(written: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(written) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  const plain = digits.replace(/0+$/, '');
  if (plain === '') return '0';
  return `${sign}${plain}e${Number(exponent) - fraction.length + digits.length - plain.length}`;
}
