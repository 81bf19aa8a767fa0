import { pointer } from '../diagnostic.ts';

/** `name`, `a.b`: quoted keys are left aside. */
const KEY = /^[\w-]+(?:\.[\w-]+)*/;
const HEADER = /^[ \t]*(\[\[?)[ \t]*([\w-]+(?:\.[\w-]+)*)[ \t]*\]/;

/**
 * The pointer of what a line defines a second time, from the lines above it; undefined where that takes a parser, as
 * within an inline table.
 */
export function firstDefinition(lines: readonly string[], column: number): string | undefined {
  const line = lines.at(-1) ?? '';
  const [key] = KEY.exec(line.slice(column - 1)) ?? [];
  const before = line.slice(0, column - 1);
  if (key === undefined || !/^[ \t]*\[{0,2}$/.test(before)) return undefined;
  const own = pointer(...key.split('.'));
  return before.includes('[') ? own : tableAbove(lines.slice(0, -1)) + own;
}

/** The pointer of the table that the last header begins, '' before the first. */
function tableAbove(lines: readonly string[]): string {
  const headers = lines.flatMap((line) => {
    const [, brackets = '', name = ''] = HEADER.exec(line) ?? [];
    return name === '' ? [] : [{ isArray: brackets === '[[', name }];
  });
  const last = headers.at(-1);
  if (last === undefined) return '';
  const same = headers.filter(({ name }) => name === last.name).length;
  return pointer(...last.name.split('.')) + (last.isArray ? pointer(same - 1) : '');
}
