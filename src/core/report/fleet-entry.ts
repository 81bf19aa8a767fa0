import { visible } from '../control-characters.ts';
import { isJsonObject } from '../fleet/json-value.ts';
import { hangingColumns } from './columns.ts';

/** An entry of runtimes.json key by key, in the order of its description; lists and objects in them as JSON. */
export function fleetEntryHuman(entry: object, width: number | undefined): string {
  const rows = rowsOf(entry, '').map((row) => row.map(visible));
  return `${hangingColumns(rows, width).join('\n')}\n`;
}

function rowsOf(value: object, path: string): readonly (readonly string[])[] {
  return Object.entries(value).flatMap(([key, content]: [string, unknown]) => {
    const name = path + key;
    if (isJsonObject(content)) return rowsOf(content, `${name}.`);
    return [[name, typeof content === 'string' ? content : JSON.stringify(content)]];
  });
}
