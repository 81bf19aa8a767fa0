import type { ConfigInput } from '../config/config-input.gen.ts';
import { valueAt } from './config-tree.ts';
import { keyPointer } from './shape.ts';
import type { Origin, Reach } from './variable.ts';

/** One of the values that a line depends on. */
export type Source = { readonly origin: Origin; readonly reach: Reach };

/**
 * The sources that say most: an item and not its list, a key and not its table, the list and not its items where all of
 * them count, and all runtimes together only where no single one decides. What a small step changes comes first.
 */
export function tidy(sources: readonly Source[], input: ConfigInput): readonly Source[] {
  const pointers = new Set(sources.flatMap(({ origin }) => pointerOf(origin) ?? []));
  const whole = [...pointers].filter((pointer) => countsWhole(pointer, pointers, input));
  const isTelling = ({ origin }: Source): boolean => {
    if (origin.kind === 'every') return !hasOneOf(origin.key, pointers);
    const pointer = pointerOf(origin);
    if (pointer === undefined || whole.includes(pointer)) return true;
    if (whole.some((list) => pointer.startsWith(`${list}/`))) return false;
    return ![...pointers].some((other) => other.startsWith(`${pointer}/`));
  };
  const telling = sources.filter(isTelling);
  return [
    ...telling.filter(({ reach }) => reach === 'near'),
    ...telling.filter(({ reach }) => reach === 'far'),
  ];
}

/** undefined where it is no one place in the config. */
export function pointerOf(origin: Origin): string | undefined {
  return origin.kind === 'host' || origin.kind === 'every' ? undefined : origin.pointer;
}

function countsWhole(pointer: string, pointers: ReadonlySet<string>, input: ConfigInput): boolean {
  const list = valueAt(input, pointer);
  if (!Array.isArray(list) || list.length < 2) return false;
  return list.every((_, at) => pointers.has(`${pointer}/${at}`));
}

function hasOneOf(key: string, pointers: ReadonlySet<string>): boolean {
  const ofKey = new RegExp(`^/runtimes/\\d+${keyPointer(key)}(?:/|$)`);
  return [...pointers].some((pointer) => ofKey.test(pointer));
}
