/** A line of JSON: where in the whole it stands, and what it says without the comma, which says only that more follows. */
export type PlacedLine = { readonly place: string; readonly text: string };

/**
 * Each line of JSON as `JSON.stringify` indents it, with its place: two texts can be compared line by line whatever was put
 * between. An item of a list is known by its `id`, where it has one as its first key, and else by its number.
 */
export function placedLines(lines: readonly string[]): readonly PlacedLine[] {
  const open: Container[] = [];
  return lines.map((line, at) => {
    const [, key, text = ''] = /^\s*(?:"([^"]*)": )?(.*?),?$/.exec(line) ?? [];
    if (/^[\]}]/.test(text)) {
      const place = `${pathOf(open)} ${text}`;
      open.pop();
      return { place, text };
    }
    const name = key ?? nameOfItem(open.at(-1), lines[at + 1]);
    const place = `${pathOf(open)}/${name}`;
    if (/^[[{]$/.test(text)) open.push({ name, items: 0 });
    return { place, text };
  });
}

type Container = { readonly name: string; items: number };

function pathOf(open: readonly Container[]): string {
  return open.map(({ name }) => name).join('/');
}

function nameOfItem(list: Container | undefined, next = ''): string {
  if (list === undefined) return '';
  const number = list.items;
  list.items += 1;
  return /^\s*"id": (".*?"),?$/.exec(next)?.[1] ?? String(number);
}
