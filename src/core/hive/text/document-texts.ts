/** Nothing else begins a line so, not even in a text of several lines. */
const START = /^---(?=\s|$)/gm;

/**
 * The documents of a stream of YAML. Each has empty lines in the place of what is before it, so that its own lines keep
 * their numbers.
 */
export function documentTexts(text: string): readonly string[] {
  const starts = [...text.matchAll(START)].map(({ index }) => index);
  const parts = [0, ...starts].map((start, at) => ({ start, part: text.slice(start, starts[at]) }));
  const full = parts.filter(({ part }) => hasContent(part));
  if (full.length < 2) return [text];
  let lines = 0;
  let counted = 0;
  return full.map(({ start, part }) => {
    lines += text.slice(counted, start).split('\n').length - 1;
    counted = start;
    return '\n'.repeat(lines) + part;
  });
}

function hasContent(part: string): boolean {
  return part
    .replace(START, '')
    .split('\n')
    .some((line) => !/^\s*(?:#|$)/.test(line));
}
